/// The mda process: delivers on this machine.
///
/// # Purpose
///
/// Takes the envelopes of local users from the queue, delivers each message to a maildir, an mbox,
/// a file, a command or an LMTP server, and reports how that ended.
///
/// # Runs as
///
/// A process that may take on the user, group and groups of a recipient, one thread at a time and
/// for the file system calls of one delivery only; without root as the calling user, for that
/// user's mail alone. It starts no program: the parent does.
///
/// # Peers
///
/// Queue (work, content, results), lka (users), parent (delivery commands), control (statistics,
/// logging).
///
/// # Trusts
///
/// The queue for content and envelopes, lka for users. Neither the users' directories nor what a
/// command prints nor what an LMTP server says.
///
/// # Standards
///
/// RFC 2033 (LMTP), RFC 4155 (mbox), maildir(5), sysexits(3).
///
/// # Diagnostics
///
/// One `mda delivery` line for each envelope and attempt; statistics `mda.*`.
///
/// # Configuration
///
/// `action … maildir | mbox | lmtp | mda`, `mda wrapper`, `mda limit`.
///
/// # Start reading at
///
/// `MdaAgent`, then `LocalDeliveries`.
@NullMarked
package smtpd.mda;

import org.jspecify.annotations.NullMarked;
