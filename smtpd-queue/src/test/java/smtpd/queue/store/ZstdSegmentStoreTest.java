package smtpd.queue.store;

/// The contract over segments that hold mail compressed with zstd.
class ZstdSegmentStoreTest extends SegmentStoreSimTest {
    @Override
    Packing packing() {
        return Packings.zstd();
    }
}
