package smtpd.queue.store;

import smtpd.testkit.fs.SimFs;

/// The contract over a simulated disk, in one thread, with segments so small that most tests cross
/// them.
class SegmentStoreSimTest extends StoreContract {
    @Override
    RecordStore open() throws Exception {
        return SegmentStore.open(new SimFs(1), new StoreLimits(2_000, 25, 0, 0), _ -> {});
    }

    @Override
    void push() {
        SegmentStore segments = (SegmentStore) records;
        while (segments.step(true) == Stepped.Progress.MORE) {
            // until nothing is left to do
        }
    }
}
