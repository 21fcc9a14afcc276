/// Messages and envelopes on stable storage.
///
/// [smtpd.queue.store.Store] is the contract; `SegmentStore` keeps it on disk in an append-only
/// log, `RamStore` in memory, `NullStore` not at all. `doc/QUEUE.md` has the state table, the
/// formats and what a crash leaves at each step.
@NullMarked
package smtpd.queue.store;

import org.jspecify.annotations.NullMarked;
