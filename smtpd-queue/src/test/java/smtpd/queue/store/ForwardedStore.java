package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// A store that hands everything on to another, for tests that change one thing of it.
public class ForwardedStore implements Store {
    private final Store mail;

    public ForwardedStore(Store mail) {
        this.mail = mail;
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
