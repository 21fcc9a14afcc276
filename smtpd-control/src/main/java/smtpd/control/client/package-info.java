/// The programs `smtpctl`, `sendmail`, `mailq`, `newaliases` and `makemap`: one small program that
/// talks to the control socket, and under the name `sendmail` speaks SMTP over it.
///
/// They run with the rights of whoever calls them and have none of their own. They start often, so
/// that they use little of the library: no logging, no configuration unless it is asked for.
@NullMarked
package smtpd.control.client;

import org.jspecify.annotations.NullMarked;
