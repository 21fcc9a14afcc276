/// Messages of RFC 5322 as they pass through: the header looked at and completed, addresses read
/// from it, bodies made fit for 7-bit lines. Streaming and bounded; what need not change stays byte
/// for byte.
///
/// Standards: RFC 5322, RFC 2045, RFC 6854, RFC 9228.
///
/// Start reading at [smtpd.core.message.HeaderFixer].
@NullMarked
package smtpd.core.message;

import org.jspecify.annotations.NullMarked;
