/// Sender rewriting for forwarded mail: from a sender to an address of ours, and back. Pure.
@NullMarked
package smtpd.lka.srs;

import org.jspecify.annotations.NullMarked;
