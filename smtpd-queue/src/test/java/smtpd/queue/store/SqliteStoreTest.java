package smtpd.queue.store;

import org.junit.jupiter.api.io.TempDir;

import smtpd.core.fs.DiskFs;

import java.nio.file.Path;

/// The contract over a database on a real disk, with the committer's own thread.
class SqliteStoreTest extends StoreContract {
    @TempDir private Path spool;

    @Override
    RecordStore open() throws Exception {
        SqliteStore opened = SqliteStore.open(new DiskFs(spool), spool, Packings.NO_FLOOR, _ -> {});
        Committer.start(opened);
        return opened;
    }
}
