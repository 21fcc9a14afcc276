/// The daemon beside other people's programs: servers as next hops, clients, filters, and programs
/// that judge what we do. `etc/interop` installs them; a test whose program is missing skips and
/// says so. Each runs from a directory of its own on free loopback ports and is ended with
/// everything it started.
@NullMarked
package smtpd.e2e.interop;

import org.jspecify.annotations.NullMarked;
