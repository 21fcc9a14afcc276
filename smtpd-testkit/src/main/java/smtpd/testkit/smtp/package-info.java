/// Servers for tests that say exactly what a test wants them to say.
@NullMarked
package smtpd.testkit.smtp;

import org.jspecify.annotations.NullMarked;
