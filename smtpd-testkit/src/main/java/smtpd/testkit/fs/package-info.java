/// A simulated disk for the spool: forgets what was not forced, tears writes, fills up, fails and
/// flips bits, all from a seed.
@NullMarked
package smtpd.testkit.fs;

import org.jspecify.annotations.NullMarked;
