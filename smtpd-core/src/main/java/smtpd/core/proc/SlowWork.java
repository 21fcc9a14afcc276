package smtpd.core.proc;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Work that keeps a processor busy for long, such as checking a password: done by a few threads of
/// its own behind a bounded line, so that no other work waits behind it.
public final class SlowWork {
    /// Threads: at least two, so that one expensive check does not hold up the next; never so many
    /// that their memory adds up.
    static final int THREADS_MAX = 4;

    private static final int THREADS_MIN = 2;

    /// How many may wait; whoever comes then is told "not now". At a tenth of a second each the
    /// last one waits a few seconds.
    static final int WAITING_MAX = 64;

    /// Stack of a thread in bytes: libcrypt works on it.
    private static final long STACK = 1 << 20;

    private final ThreadPoolExecutor threads;

    /// @param name of the threads
    public SlowWork(String name) {
        int count =
                Math.clamp(Runtime.getRuntime().availableProcessors(), THREADS_MIN, THREADS_MAX);
        threads =
                new ThreadPoolExecutor(
                        count,
                        count,
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(WAITING_MAX),
                        Thread.ofPlatform()
                                .name(name + " ", 1)
                                .daemon(true)
                                .stackSize(STACK)
                                .factory());
    }

    /// Has a task done; false when too many wait already.
    public boolean offer(Runnable task) {
        try {
            threads.execute(task);
            return true;
        } catch (RejectedExecutionException _) {
            return false;
        }
    }

    /// Has a task done and waits for what it comes to; `busy` at once when too many wait already.
    public <T> T call(Supplier<T> task, T busy) {
        CompletableFuture<T> result = new CompletableFuture<>();
        boolean taken =
                offer(() -> {
                    try {
                        result.complete(task.get());
                    } catch (RuntimeException | Error e) {
                        result.completeExceptionally(e);
                        throw e;
                    }
                });
        return taken ? result.join() : busy;
    }
}
