/// What the verbs of an SMTP session share: phases and steps, the order of commands, replies, log
/// lines, limits, the transaction, and lka and queue as a session sees them. No sockets, no links.
@NullMarked
package smtpd.smtp.protocol;

import org.jspecify.annotations.NullMarked;
