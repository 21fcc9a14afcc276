package smtpd.queue;

import smtpd.core.proc.Agenda;
import smtpd.core.stat.Statistics;
import smtpd.queue.store.Store;
import smtpd.queue.store.StoreResult;
import smtpd.queue.store.StoreTx;

import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// What the parts of the queue's agent share: the store, time, chance, and where to count.
///
/// @param store the stable storage
/// @param agenda time
/// @param agent runs what the store answers, in the agent's thread
/// @param reader runs what reads the store for longer than a moment, elsewhere
/// @param random for ids
/// @param statistics counts
public record Desk(
        Store store,
        Agenda agenda,
        Executor agent,
        Executor reader,
        RandomGenerator random,
        Statistics statistics) {
    /// Makes a change durable; `done` runs in the agent's thread.
    void commit(StoreTx tx, Consumer<StoreResult> done) {
        store.commit(tx, result -> agent.execute(() -> done.accept(result)));
    }
}
