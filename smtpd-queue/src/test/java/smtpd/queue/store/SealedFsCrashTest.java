package smtpd.queue.store;

/// The machine stopped at file operations of a store of files that hold sealed mail.
class SealedFsCrashTest extends FsCrashTest {
    @Override
    Packing packing() {
        return Packings.sealed();
    }

    @Override
    int stride() {
        return 29;
    }
}
