package smtpd.queue.store;

/// The contract over segments that hold compressed mail.
class GzipSegmentStoreTest extends SegmentStoreSimTest {
    @Override
    Packing packing() {
        return Packings.compressed();
    }
}
