/// The simulation: the agents of queue, scheduler, mta and mda in one thread and virtual time, with
/// processes that die, a disk that forgets and servers that refuse, judged by checkers that know
/// only what was promised. `doc/SIMULATION.md` tells how to use it.
@NullMarked
package smtpd.e2e.sim;

import org.jspecify.annotations.NullMarked;
