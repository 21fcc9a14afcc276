/// Accounts of what clients do over all sessions, against those that want more than their share.
/// Pure: the time is told.
@NullMarked
package smtpd.smtp.guard;

import org.jspecify.annotations.NullMarked;
