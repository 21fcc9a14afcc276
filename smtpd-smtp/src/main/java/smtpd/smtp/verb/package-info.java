/// The commands of SMTP, one file each: when it may come, what it refuses (`check`, pure), what it
/// does (`proceed`, which may talk to lka and queue, and with the client), and what EHLO says of
/// it. `Verbs` is the list.
@NullMarked
package smtpd.smtp.verb;

import org.jspecify.annotations.NullMarked;
