/// What is installed, and its rehearsal.
///
/// # Purpose
///
/// Records the archive of pre-loaded classes (AOT cache): [smtpd.dist.Rehearsal] serves mail for a
/// few seconds in one JVM when the distribution is built. Never runs on a user's machine.
///
/// # Flow
///
/// The processes as threads ([smtpd.parent.OneProcess]), a handful of clients, a far end
/// ([smtpd.dist.FarEnd]); at the end the JVM writes the archive.
@NullMarked
package smtpd.dist;

import org.jspecify.annotations.NullMarked;
