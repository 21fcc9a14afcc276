/// The values of mail that every process speaks about: ids, addresses, envelopes, outcomes. Pure
/// records; no process, no I/O, no clock.
@NullMarked
package smtpd.core.mail;

import org.jspecify.annotations.NullMarked;
