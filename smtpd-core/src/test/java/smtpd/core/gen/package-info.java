/// Seeded generators of test values.
@NullMarked
package smtpd.core.gen;

import org.jspecify.annotations.NullMarked;
