package smtpd.queue.store;

import smtpd.testkit.fs.SimFs;

/// The contract over a simulated disk, in one thread, with segments so small that most tests cross
/// them.
class SegmentStoreSimTest extends StoreContract {
    @Override
    Store open() throws Exception {
        return SegmentStore.open(new SimFs(1), new SegmentLimits(2_000, 25, 0, 0), _ -> {});
    }

    @Override
    void push() {
        SegmentStore segments = (SegmentStore) store;
        while (segments.step(true) == SegmentStore.Progress.MORE) {
            // until nothing is left to do
        }
    }
}
