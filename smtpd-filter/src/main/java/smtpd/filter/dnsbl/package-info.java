/// filter-dnsbl: what the lists of DNS say about a client, its names and its senders, added up (RFC
/// 5782). See filter-dnsbl(8). Start reading at [Dnsbl].
@NullMarked
package smtpd.filter.dnsbl;

import org.jspecify.annotations.NullMarked;
