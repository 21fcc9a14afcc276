package smtpd.core.proc;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// An agent: runs what others post to it and what it put off, one at a time, on a platform thread
/// of its own, or on that of a link that brings work while nothing else is to be done: the work of
/// a link then costs no second wake-up.
///
/// The queue is bounded by what the peers may have outstanding; [#POSTED_MAX] is the last resort,
/// beyond which the process gives up rather than grow for ever.
public final class Mailbox implements Agenda, Executor {
    /// More posted tasks than this mean that the agent has stopped working.
    static final int POSTED_MAX = 4_000_000;

    /// Whatever is put off longer comes after so long.
    private static final Duration DELAY_MAX = Duration.ofDays(3650);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final PriorityQueue<Later> agenda = new PriorityQueue<>();
    private final SteadyClock clock;
    private final Thread thread;
    private final List<Runnable> afterEachBatch = new CopyOnWriteArrayList<>();
    private ArrayDeque<Runnable> posted = new ArrayDeque<>();
    private boolean closed;
    private long sequence;

    /// Who runs the agent's work now.
    private volatile @Nullable Thread runner;

    private record Later(long dueNanos, long sequence, Runnable task) implements Comparable<Later> {
        @Override
        public int compareTo(Later other) {
            int byTime = Long.compare(dueNanos - other.dueNanos, 0);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    /// Starts the thread.
    ///
    /// @param name the thread's name
    /// @param wall the wall clock, read once
    public Mailbox(String name, InstantSource wall) {
        clock = new SteadyClock(wall);
        thread = Thread.ofPlatform().name(name).daemon(false).unstarted(this::run);
        thread.start();
    }

    /// Runs `task` in the agent's thread, after what was posted before.
    public void post(Runnable task) {
        lock.lock();
        try {
            if (posted.size() >= POSTED_MAX) {
                throw new IllegalStateException("mailbox " + thread.getName() + " overflows");
            }
            posted.add(task);
            if (posted.size() == 1 && runner == null) {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void execute(Runnable task) {
        post(task);
    }

    /// Runs `task` after what was posted before: at once in the calling thread if the agent is
    /// idle, else as [#post]. For the readers of links, which have nothing else to do; they run
    /// what they bring and no more, so that none is kept from its link by the others.
    void runOrPost(Runnable task) {
        lock.lock();
        try {
            if (runner != null || !posted.isEmpty()) {
                post(task);
                return;
            }
            runner = Thread.currentThread();
        } finally {
            lock.unlock();
        }
        try {
            task.run();
            afterEachBatch.forEach(Runnable::run);
        } finally {
            handBack();
        }
    }

    private void handBack() {
        lock.lock();
        try {
            runner = null;
            if (!posted.isEmpty()) {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Whether the calling thread runs the agent's work.
    boolean isCurrent() {
        return Thread.currentThread() == runner;
    }

    /// Runs `task` in the agent's thread whenever a batch of work is done: where links flush what
    /// the batch said.
    void afterEachBatch(Runnable task) {
        afterEachBatch.add(task);
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public void after(Duration delay, Runnable task) {
        Duration bounded = delay.compareTo(DELAY_MAX) < 0 ? delay : DELAY_MAX;
        long due = System.nanoTime() + (bounded.isNegative() ? 0 : bounded.toNanos());
        lock.lock();
        try {
            Later later = new Later(due, sequence++, task);
            agenda.add(later);
            if (later.equals(agenda.peek())) {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Ends the thread after what was posted so far.
    public void close() {
        post(() -> closed = true);
    }

    /// Waits until the thread has ended.
    public void join() throws InterruptedException {
        thread.join();
    }

    private void run() {
        ArrayDeque<Runnable> batch = new ArrayDeque<>();
        while (!closed) {
            batch = take(batch);
            Runnable task;
            while ((task = batch.poll()) != null) {
                task.run();
            }
            afterEachBatch.forEach(Runnable::run);
            handBack();
        }
    }

    /// Waits for work and until no other thread runs any; returns everything that can run now,
    /// handing `empty` over for new posts.
    private ArrayDeque<Runnable> take(ArrayDeque<Runnable> empty) {
        lock.lock();
        try {
            while (true) {
                moveDue();
                if (!posted.isEmpty() && runner == null) {
                    ArrayDeque<Runnable> full = posted;
                    posted = empty;
                    runner = thread;
                    return full;
                }
                Later first = agenda.peek();
                boolean othersTurn = runner != null && !posted.isEmpty();
                if (first == null || othersTurn) {
                    work.awaitUninterruptibly();
                } else {
                    awaitNanos(first.dueNanos - System.nanoTime());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void moveDue() {
        if (agenda.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        Later first;
        while ((first = agenda.peek()) != null && first.dueNanos - now <= 0) {
            posted.add(agenda.remove().task);
        }
    }

    /// Waits once; [#take] loops.
    @SuppressWarnings("WaitNotInLoop")
    private void awaitNanos(long nanos) {
        try {
            long left = work.awaitNanos(Math.max(1, nanos));
            assert left <= nanos;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the agent's thread is never interrupted", e);
        }
    }
}
