package smtpd.queue.store;

import smtpd.testkit.fs.SimFs;

import java.util.function.Consumer;

/// The machine stopped at every file operation of a store of files.
class FsCrashTest extends StoreCrashTest {
    @Override
    BatchStore<?> records(SimFs fs, Consumer<StoreNotice> notices) throws Exception {
        return FsStore.open(fs, SMALL, notices);
    }

    @Override
    int stride() {
        return 7;
    }
}
