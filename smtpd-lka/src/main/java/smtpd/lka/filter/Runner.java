package smtpd.lka.filter;

import smtpd.core.sys.FdSocket;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Keeps one program running: starts it at once, and again when it ends, with back-off. A platform
/// thread of its own.
final class Runner {
    /// Before the first restart; doubled each time.
    static final Duration FIRST = Duration.ofMillis(50);

    /// Never longer.
    static final Duration LONGEST = Duration.ofSeconds(30);

    private final String proc;
    private final FilterStarter starter;
    private final Ears ears;
    private final Semaphore never = new Semaphore(0);

    /// Who is told; each call returns at once.
    interface Ears {
        /// A run has begun.
        void started(Voice voice);

        /// Lines of the program.
        void heard(List<String> lines);

        /// What the program was told has all been taken.
        void drained();

        /// A run has ended.
        ///
        /// @param wait before the next
        void ended(String why, Duration wait);
    }

    Runner(String proc, FilterStarter starter, Ears ears) {
        this.proc = proc;
        this.starter = starter;
        this.ears = ears;
    }

    /// Begins.
    void start() {
        Thread.ofPlatform().name("filter " + proc).daemon(true).start(this::keepRunning);
    }

    private void keepRunning() {
        Duration wait = Duration.ZERO;
        while (!Thread.currentThread().isInterrupted()) {
            long begun = System.nanoTime();
            String why = run();
            boolean settled = System.nanoTime() - begun >= LONGEST.toNanos();
            wait = next(settled ? Duration.ZERO : wait);
            ears.ended(why, wait);
            pause(wait);
        }
    }

    private String run() {
        FdSocket socket;
        try {
            socket = starter.start(proc);
        } catch (IOException e) {
            return "does not start: " + e.getMessage();
        }
        ProgramRun run = new ProgramRun(socket, ears::drained);
        ears.started(run);
        String why = run.run(proc, ears::heard);
        starter.end(proc);
        return why;
    }

    /// The wait after `previous`.
    static Duration next(Duration previous) {
        Duration doubled = previous.isZero() ? FIRST : previous.multipliedBy(2);
        return doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    }

    private void pause(Duration wait) {
        try {
            if (never.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("nobody wakes it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
