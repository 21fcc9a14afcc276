package smtpd.queue.store;

import org.junit.jupiter.api.io.TempDir;

import smtpd.core.fs.DiskFs;

import java.nio.file.Path;

/// The contract over files on a real disk, with the committer's own thread.
class FsStoreTest extends StoreContract {
    @TempDir private Path spool;

    @Override
    RecordStore open() throws Exception {
        FsStore opened = FsStore.open(new DiskFs(spool), Packings.NO_FLOOR, _ -> {});
        Committer.start(opened);
        return opened;
    }
}
