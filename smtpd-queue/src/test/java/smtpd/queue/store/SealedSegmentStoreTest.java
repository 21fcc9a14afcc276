package smtpd.queue.store;

/// The contract over segments that hold sealed mail.
class SealedSegmentStoreTest extends SegmentStoreSimTest {
    @Override
    Packing packing() {
        return Packings.sealed();
    }
}
