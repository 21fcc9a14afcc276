/// The queue: messages and envelopes on stable storage.
///
/// # Purpose
///
/// Takes messages in and answers for them: what it has confirmed is on stable storage and stays
/// there until every recipient has come to an end. Loads envelopes when the scheduler wants them
/// tried, hands them to mta and mda with the content they ask for, records how it ended, and writes
/// the reports to senders.
///
/// # Runs as
///
/// `_smtpq`, reading and writing below the spool only, and the file of `queue witness`, without
/// network.
///
/// # Peers
///
/// smtp, lka, scheduler, mta, mda, control.
///
/// # Trusts
///
/// lka for what an envelope says; smtp for content only: it cannot make an envelope. mta and mda
/// for how an attempt on an envelope they were handed ended, and for nothing else.
///
/// # Standards
///
/// RFC 3461, RFC 3464, RFC 6522, RFC 6533, RFC 3834 for reports; RFC 5321 §4.5.5 and §6.1.
///
/// # Diagnostics
///
/// `warn: queue: …` for a refused write, a damaged record, a report that could not be sent.
///
/// # Configuration
///
/// `queue …`, `bounce warn-interval`, `bounce limit`.
///
/// # Start reading at
///
/// [smtpd.queue.QueueAgent]; the storage is [smtpd.queue.store.Store].
@NullMarked
package smtpd.queue;

import org.jspecify.annotations.NullMarked;
