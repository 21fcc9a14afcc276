/// Certificates for tests.
@NullMarked
package smtpd.testkit.tls;

import org.jspecify.annotations.NullMarked;
