/// The scheduler process: when each envelope is tried.
///
/// # Purpose
///
/// Knows every queued envelope by id, destination and times, nothing of its content, and hands out
/// what is due: deliveries in batches, removals, expiries.
///
/// # Runs as
///
/// `_smtpd`, without any file or network access; its links are all it has. With `scheduler backend
/// sqlite` it owns the directory of its index.
///
/// # Peers
///
/// queue (what exists, how attempts end; what to do next) and control (commands of the operator,
/// statistics).
///
/// # Trusts
///
/// The queue, for what exists and how attempts ended; messages about envelopes that are unknown or
/// in another phase are ignored. Control, for having checked who gives a command.
///
/// # Standards
///
/// RFC 5321 §4.5.4.1 (retry strategy), §4.5.3.1.8 (recipients of one transaction); otherwise
/// OpenSMTPD's scheduler, with the differences named in [smtpd.scheduler.RunQueue].
///
/// # Diagnostics
///
/// `smtpctl trace scheduler`; statistics `scheduler.*`; one line after each load of the queue.
///
/// # Configuration
///
/// `scheduler backend`; `scheduler limit max-inflight | max-evp-batch-size | max-msg-batch-size |
/// max-schedule`; started paused with `smtpd -P mda|mta`.
///
/// # Start reading at
///
/// [smtpd.scheduler.RunQueue], then [smtpd.scheduler.SchedulerAgent]; for the index on disk
/// [smtpd.scheduler.SqliteRunQueue].
@NullMarked
package smtpd.scheduler;

import org.jspecify.annotations.NullMarked;
