/// Filter programs and the real daemon: the examples of the manual, and filters that hear
/// everything.
@NullMarked
package smtpd.e2e.filters;

import org.jspecify.annotations.NullMarked;
