/// The commands of SMTP, one file each: what it refuses (`check`, pure), then what it does
/// (`proceed`, which may talk to lka and queue).
@NullMarked
package smtpd.smtp.verb;

import org.jspecify.annotations.NullMarked;
