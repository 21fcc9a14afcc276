package smtpd.queue.store;

import java.util.concurrent.locks.LockSupport;

/// The thread that writes what a [WitnessFile] was shown, off the way of mail.
public final class WitnessWriter implements Runnable {
    /// How long it rests after a write: what was seen in that time a thief of the storage may take
    /// back, if he makes the machine die as well.
    private static final long PAUSE_NANOS = 1_000_000_000;

    private final WitnessFile file;
    private final Thread thread;
    private volatile boolean parked;
    private volatile boolean stopping;

    private WitnessWriter(WitnessFile file) {
        this.file = file;
        this.thread = Thread.ofPlatform().name("witness").daemon().unstarted(this);
    }

    /// Starts the writer of a file; closing the file ends it.
    public static void start(WitnessFile file) {
        WitnessWriter writer = new WitnessWriter(file);
        file.attach(writer::wake, writer::stop);
        writer.thread.start();
    }

    private void wake() {
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    private void stop() {
        stopping = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        while (!stopping) {
            if (file.isBehind()) {
                file.write();
                LockSupport.parkNanos(this, PAUSE_NANOS);
                continue;
            }
            parked = true;
            if (!file.isBehind() && !stopping) {
                LockSupport.park(this);
            }
            parked = false;
        }
    }
}
