/// The simulation of router, scheduler and queue: many destinations, bad and good, in virtual time
/// and without a disk; the worlds of `etc/simulate router`.
@NullMarked
package smtpd.e2e.sim.router;

import org.jspecify.annotations.NullMarked;
