package smtpd.queue.store;

/// Writes what a [WitnessFile] was shown, in a thread of its own, off the way of mail.
public final class WitnessWriter {
    /// How long it rests after a write: what was seen in that time a thief of the storage may take
    /// back, if he makes the machine die as well.
    private static final long PAUSE_NANOS = 1_000_000_000;

    private WitnessWriter() {}

    /// Starts the writer of a file; closing the file ends it.
    public static void start(WitnessFile file) {
        StoreThread thread = new StoreThread("witness", it -> run(file, it));
        file.attach(thread::wake, thread::stop);
        thread.start();
    }

    private static void run(WitnessFile file, StoreThread thread) {
        while (!thread.isStopping()) {
            if (file.isBehind()) {
                file.write();
                thread.rest(PAUSE_NANOS);
            } else {
                thread.sleep(Long.MAX_VALUE, () -> !file.isBehind());
            }
        }
    }
}
