/// The operator's desk: the control socket, the statistics, and what the programs `smtpctl` and
/// `sendmail` need of the daemon.
///
/// # Purpose
///
/// Answers `smtpctl` with what the other processes say, remembers what is paused and traced and
/// tells a restarted process again, gathers the statistics of all, and hands the connections of
/// local users who submit mail over to smtp.
///
/// # Runs as
///
/// `_smtpd`, with its listening sockets and its state directory. It cannot connect anywhere: what
/// leaves for StatsD leaves by sockets that the parent has connected.
///
/// # Peers
///
/// smtp, lka, queue, scheduler, mta, mda, ca; the parent, which reports how each process fares and
/// looks up user names; everybody on this machine, over the control socket.
///
/// # Trusts
///
/// The kernel, for who is at the other end of a connection (`SO_PEERCRED`). Only root and the
/// daemon's own user may ask anything; every other user may open an SMTP session and nothing else.
/// Whoever sends what is no frame loses the connection, and nobody else notices (CVE-2025-62875).
///
/// # Standards
///
/// None; the output of `smtpctl` is OpenSMTPD's.
///
/// # Diagnostics
///
/// `debug: control: …` for each client that is turned away or cut off.
///
/// # Configuration
///
/// `statistics …`. `smtpd -P mda|mta|smtp` starts with a service paused.
///
/// # Start reading at
///
/// [smtpd.control.ControlAgent] for what is remembered, [smtpd.control.ClientSession] for what is
/// asked, [smtpd.control.client.Main] for the programs.
@NullMarked
package smtpd.control;

import org.jspecify.annotations.NullMarked;
