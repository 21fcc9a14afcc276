/// The parent: starts the other processes, supervises them, and does for them what only root may.
///
/// # Purpose
///
/// Reads smtpd.conf(5), certificates and keys once; opens the listening sockets; starts every other
/// process inside its sandbox, wires them together and restarts the ones that die; opens
/// `~/.forward`, checks system passwords and runs delivery commands as the right user.
///
/// # Runs as
///
/// root, or the calling user when not started as root.
///
/// # Peers
///
/// Every process, over one control link each.
///
/// # Trusts
///
/// Its configuration and the kernel. Of its children only what [smtpd.parent.Permissions] lets each
/// of them ask.
///
/// # Standards
///
/// None; it never sees a message.
///
/// # Diagnostics
///
/// Errors of the configuration as `file:line: text` and exit status 1. `warn: lost child: …` for a
/// process that died.
///
/// # Configuration
///
/// All of smtpd.conf(5), of which each child gets a slice ([smtpd.core.slice]).
///
/// # Start reading at
///
/// [smtpd.parent.Main], then [smtpd.parent.Supervisor].
@NullMarked
package smtpd.parent;

import org.jspecify.annotations.NullMarked;
