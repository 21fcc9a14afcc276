/// SASL mechanisms (RFC 4422) as a server speaks them: what to say and what to ask lka, without
/// speaking or asking.
@NullMarked
package smtpd.smtp.sasl;

import org.jspecify.annotations.NullMarked;
