/// Authentication: whether a password fits what a table or the system keeps of it.
@NullMarked
package smtpd.lka.auth;

import org.jspecify.annotations.NullMarked;
