package smtpd.queue.store;

import smtpd.testkit.fs.SimFs;

/// The contract over files on a simulated disk that hold sealed mail.
class SealedFsStoreTest extends StoreContract {
    @Override
    RecordStore open() throws Exception {
        return FsStore.open(new SimFs(1), Packings.NO_FLOOR, _ -> {});
    }

    @Override
    Packing packing() {
        return Packings.both();
    }

    @Override
    void push() {
        FsStore files = (FsStore) records;
        while (files.step(true) == Stepped.Progress.MORE) {
            // until nothing is left to do
        }
    }
}
