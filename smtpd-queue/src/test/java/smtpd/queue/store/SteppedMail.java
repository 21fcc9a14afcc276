package smtpd.queue.store;

import smtpd.core.fs.SpoolFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Mail over a store that a test steps itself.
public final class SteppedMail implements Store {
    private final BatchStore<?> records;
    private final MailStore mail;

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
        this.records = records;
        try {
            mail = MailStore.over(records, packing, secret, notices);
        } catch (SpoolRefusedException e) {
            records.close();
            throw e;
        }
    }

    /// Mail in clear over a segment log.
    public static SteppedMail segment(
            SpoolFs fs, SegmentLimits limits, Consumer<StoreNotice> notices) throws IOException {
        return new SteppedMail(SegmentStore.open(fs, limits, notices), Packing.NONE, notices);
    }

    BatchStore<?> records() {
        return records;
    }

    public Stepped.Progress step(boolean flush) {
        return records.step(flush);
    }

    @Override
    public NewMessage create(RandomGenerator random) {
        return mail.create(random);
    }

    @Override
    public EvpId newEnvelopeId(MsgId message, RandomGenerator random) {
        return mail.newEnvelopeId(message, random);
    }

    @Override
    public void append(MsgId message, Bytes chunk, Consumer<StoreResult> done) {
        mail.append(message, chunk, done);
    }

    @Override
    public void rollback(MsgId message) {
        mail.rollback(message);
    }

    @Override
    public void commit(StoreTx tx, Consumer<StoreResult> done) {
        mail.commit(tx, done);
    }

    @Override
    public Loaded load(EvpId id) {
        return mail.load(id);
    }

    @Override
    public List<EvpId> envelopes(MsgId message) {
        return mail.envelopes(message);
    }

    @Override
    public Optional<Content> content(MsgId message) {
        return mail.content(message);
    }

    @Override
    public EnvelopeCursor walk() {
        return mail.walk();
    }

    @Override
    public EnvelopeCursor list(Optional<EvpId> from) {
        return mail.list(from);
    }

    @Override
    public StoreStatus status() {
        return mail.status();
    }

    @Override
    public void close() {
        mail.close();
    }
}
