/// A simulated machine for agents: virtual time, processes that die, links that break, and chance
/// that follows from one seed. Everything happens in one thread; the same seed gives the same run.
@NullMarked
package smtpd.testkit.sim;

import org.jspecify.annotations.NullMarked;
