/// Logging: to standard error or, through the parent, to syslog; one line per event, in the
/// original's formats.
@NullMarked
package smtpd.core.log;

import org.jspecify.annotations.NullMarked;
