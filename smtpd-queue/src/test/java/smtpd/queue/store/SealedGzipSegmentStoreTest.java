package smtpd.queue.store;

/// The contract over segments that hold mail that is compressed, then sealed.
class SealedGzipSegmentStoreTest extends SegmentStoreSimTest {
    @Override
    Packing packing() {
        return Packings.both();
    }
}
