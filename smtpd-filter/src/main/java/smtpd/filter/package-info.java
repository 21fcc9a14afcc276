/// Filters for the mail server, written in Java.
@NullMarked
package smtpd.filter;

import org.jspecify.annotations.NullMarked;
