package smtpd.queue.store;

/// The machine stopped at every file operation of a segment log that holds sealed mail.
class SealedCrashTest extends StoreCrashTest {
    @Override
    Packing packing() {
        return Packings.both();
    }

    @Override
    int stride() {
        return 7;
    }
}
