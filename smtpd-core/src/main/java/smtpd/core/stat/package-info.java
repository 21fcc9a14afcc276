/// Statistics, seen from where they arise: pushed to control, never read back, so that no logic can
/// depend on them.
@NullMarked
package smtpd.core.stat;

import org.jspecify.annotations.NullMarked;
