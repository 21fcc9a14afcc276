/// Scenarios: the daemon as it is installed, started on free loopback ports under a throw-away
/// prefix, and the programs beside it. Each folder `scenarios/s-NN-name` is one configuration;
/// [smtpd.e2e.scenario.Script] says what its `*.steps` files may hold.
///
/// The daemon never runs as root here unless the folder's `needs` says `root`: tests started by
/// root start it as the user nobody. Every wait is for a condition and has a deadline.
@NullMarked
package smtpd.e2e.scenario;

import org.jspecify.annotations.NullMarked;
