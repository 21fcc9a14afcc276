/// DNS for every process: cached, bounded, three answers. dnsjava is used in this package and
/// nowhere else.
@NullMarked
package smtpd.lka.dns;

import org.jspecify.annotations.NullMarked;
