package smtpd.queue.store;

import smtpd.core.fs.SpoolFs;

import java.io.IOException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Mail over a store that a test steps itself.
public final class SteppedMail extends ForwardedStore {
    private final BatchStore<?> records;

    SteppedMail(BatchStore<?> records, Packing packing, Consumer<StoreNotice> notices)
            throws IOException {
        this(records, packing, Mails.secret(), notices);
    }

    SteppedMail(
            BatchStore<?> records,
            Packing packing,
            RandomGenerator secret,
            Consumer<StoreNotice> notices)
            throws IOException {
        this(records, packing, secret, Witness.NONE, notices);
    }

    SteppedMail(
            BatchStore<?> records,
            Packing packing,
            RandomGenerator secret,
            Witness witness,
            Consumer<StoreNotice> notices)
            throws IOException {
        super(over(records, packing, secret, witness, notices));
        this.records = records;
    }

    private static MailStore over(
            BatchStore<?> records,
            Packing packing,
            RandomGenerator secret,
            Witness witness,
            Consumer<StoreNotice> notices)
            throws IOException {
        try {
            return MailStore.over(records, packing, secret, witness, notices);
        } catch (IOException e) {
            records.close();
            witness.close();
            throw e;
        }
    }

    /// Mail in clear over a segment log.
    public static SteppedMail segment(SpoolFs fs, StoreLimits limits, Consumer<StoreNotice> notices)
            throws IOException {
        return new SteppedMail(SegmentStore.open(fs, limits, notices), Packing.NONE, notices);
    }

    BatchStore<?> records() {
        return records;
    }

    public Stepped.Progress step(boolean flush) {
        return records.step(flush);
    }
}
