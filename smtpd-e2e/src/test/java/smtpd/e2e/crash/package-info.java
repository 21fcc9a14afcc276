/// Crashes: the daemon as it is installed, whose processes are killed while it works.
///
/// Only processes of the daemon that a test started itself are killed: they are found as children
/// of its first process.
@NullMarked
package smtpd.e2e.crash;

import org.jspecify.annotations.NullMarked;
