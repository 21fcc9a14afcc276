package smtpd.queue.store;

import org.junit.jupiter.api.io.TempDir;

import smtpd.core.fs.DiskFs;

import java.nio.file.Path;

/// The contract over a real disk, with the committer's own thread.
class SegmentStoreTest extends StoreContract {
    @TempDir private Path spool;

    @Override
    RecordStore open() throws Exception {
        SegmentStore opened =
                SegmentStore.open(new DiskFs(spool), new StoreLimits(100_000, 25, 0, 0), _ -> {});
        Committer.start(opened);
        return opened;
    }
}
