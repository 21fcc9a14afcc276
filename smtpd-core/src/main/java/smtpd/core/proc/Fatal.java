package smtpd.core.proc;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.log.Logging;

/// The end of a process by an error of ours, memory and threads that cannot be had included: one
/// line in the log, and an exit at once, so that a fresh process takes over.
///
/// The JVM ends itself when the heap is exhausted. Direct memory and threads that are refused are
/// errors thrown like any other: they count wherever they come up, also where an executor or a
/// future would keep them to itself.
public final class Fatal {
    private static final Logger LOG = LoggerFactory.getLogger(Fatal.class);

    /// The exit status: an internal error (sysexits(3)).
    public static final int STATUS = 70;

    private Fatal() {}

    /// From now on whatever no thread of this process catches ends it.
    public static void install() {
        Thread.setDefaultUncaughtExceptionHandler(Fatal::end);
    }

    private static void end(Thread thread, Throwable error) {
        try {
            LOG.error("fatal: thread {}", thread.getName(), error);
            Logging.flush();
        } finally {
            Runtime.getRuntime().halt(STATUS);
        }
    }

    /// A task for an executor that keeps what its tasks throw to itself: what this one throws goes
    /// where it would go on a thread of its own.
    public static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                Thread thread = Thread.currentThread();
                thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
            }
        };
    }
}
