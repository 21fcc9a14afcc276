package smtpd.queue.store;

/// The contract over files that hold mail that is compressed with zstd, then sealed.
class SealedZstdFsStoreTest extends SealedFsStoreTest {
    @Override
    Packing packing() {
        return Packings.zstdSealed();
    }
}
