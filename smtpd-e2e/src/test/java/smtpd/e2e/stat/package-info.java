/// Statistics of the real daemon: kept over deaths, and read by other tools.
@NullMarked
package smtpd.e2e.stat;

import org.jspecify.annotations.NullMarked;
