package smtpd.queue;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.QueueToSmtp;
import smtpd.core.imsg.SmtpToQueue;
import smtpd.core.imsg.StoreTrouble;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.queue.store.NewMessage;
import smtpd.queue.store.Refused;
import smtpd.queue.store.StoreResult;
import smtpd.queue.store.StoreTx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Messages on their way in, until they are durable: begun, filled with content by smtp and with
/// envelopes by lka, committed or forgotten. The final 250 is sent by smtp when
/// [QueueToSmtp.Committed] comes, which is after the sync.
final class Reception {
    private static final Logger LOG = LoggerFactory.getLogger(Reception.class);

    private static final Refused UNKNOWN = new Refused(Refused.Reason.UNKNOWN, "unknown message");

    private final Desk desk;
    private final Actions actions;
    private final QueuePeers peers;
    private final Map<MsgId, Incoming> incoming = new LinkedHashMap<>();
    private final Map<MsgId, Incoming> committing = new LinkedHashMap<>();

    Reception(Desk desk, QueuePeers peers, Actions actions) {
        this.actions = actions;
        this.desk = desk;
        this.peers = peers;
    }

    /// smtp begins a message.
    void create(long request) {
        switch (desk.store().create(desk.random())) {
            case NewMessage.Opened(MsgId id) -> {
                incoming.put(id, new Incoming());
                peers.smtp().answer(request, new QueueToSmtp.MessageCreated(id));
            }
            case Refused refused -> {
                LOG.warn("warn: queue: no new message: {}", refused.text());
                peers.smtp()
                        .answer(
                                request,
                                new QueueToSmtp.NotCreated(trouble(refused), refused.text()));
            }
        }
    }

    /// The queue begins a message of its own: a report.
    @Nullable MsgId createReport() {
        return switch (desk.store().create(desk.random())) {
            case NewMessage.Opened(MsgId id) -> {
                incoming.put(id, new Incoming());
                yield id;
            }
            case Refused _ -> null;
        };
    }

    /// Content arrives; once it is written, more may be sent.
    void body(SmtpToQueue.BodyPart part) {
        Incoming message = incoming.get(part.msgid());
        if (message == null) {
            grant(part);
            return;
        }
        message.received(part.bytes());
        desk.store()
                .append(
                        part.msgid(),
                        part.bytes(),
                        result -> {
                            if (result instanceof Refused refused) {
                                desk.agent().execute(() -> message.fail(refused));
                            }
                            grant(part);
                        });
    }

    private void grant(SmtpToQueue.BodyPart part) {
        peers.smtp().send(new QueueToSmtp.BodyCredit(part.msgid(), part.bytes().length()));
    }

    /// Content of a report; written in the order of the calls.
    void reportBody(MsgId msgid, smtpd.core.mail.Bytes bytes) {
        Incoming message = incoming.get(msgid);
        if (message != null) {
            message.received(bytes);
            desk.store()
                    .append(
                            msgid,
                            bytes,
                            result -> {
                                if (result instanceof Refused refused) {
                                    desk.agent().execute(() -> message.fail(refused));
                                }
                            });
        }
    }

    /// lka brings envelopes of a message; they join its changeset at the scheduler.
    void addEnvelopes(long request, LkaToQueue.AddEnvelopes it) {
        Incoming message = incoming.get(it.msgid());
        if (message == null) {
            peers.lka().answer(request, new QueueToLka.EnvelopesRefused("unknown message"));
            return;
        }
        List<Envelope> envelopes = new ArrayList<>(it.envelopes().size());
        for (Envelope envelope : it.envelopes()) {
            envelopes.add(envelope.withId(desk.store().newEnvelopeId(it.msgid(), desk.random())));
        }
        if (!message.add(envelopes)) {
            peers.lka().answer(request, new QueueToLka.EnvelopesRefused("too many envelopes"));
            return;
        }
        List<EvpId> ids = new ArrayList<>(envelopes.size());
        for (Envelope envelope : envelopes) {
            peers.scheduler().send(new QueueToScheduler.Submit(actions.entry(envelope)));
            ids.add(envelope.id());
        }
        peers.lka().answer(request, new QueueToLka.EnvelopesAdded(ids));
    }

    /// smtp has sent everything.
    void commit(long request, SmtpToQueue.Commit it) {
        Incoming message = incoming.remove(it.msgid());
        Optional<Refused> objection =
                message == null
                        ? Optional.of(UNKNOWN)
                        : message.objection(it.size(), it.checksum());
        if (message == null || objection.isPresent()) {
            commitFailed(request, it.msgid(), objection.orElse(UNKNOWN));
            return;
        }
        committing.put(it.msgid(), message);
        StoreTx.Commit commit = new StoreTx.Commit(it.msgid(), it.size(), it.checksum());
        desk.commit(
                StoreTx.accept(commit, message.envelopes()),
                result -> committed(request, it.msgid(), message, result));
    }

    private void committed(long request, MsgId msgid, Incoming message, StoreResult result) {
        committing.remove(msgid);
        if (result instanceof Refused refused) {
            LOG.warn("warn: queue: message {} not accepted: {}", msgid, refused.text());
            commitFailed(request, msgid, refused);
            return;
        }
        desk.statistics().increment("queue.message.accepted");
        desk.statistics().add("queue.envelope.accepted", message.envelopes().size());
        peers.smtp().answer(request, new QueueToSmtp.Committed(msgid));
        peers.scheduler().send(new QueueToScheduler.CommitMessage(msgid));
    }

    private void commitFailed(long request, MsgId msgid, Refused why) {
        forget(msgid);
        peers.smtp().answer(request, new QueueToSmtp.CommitFailed(msgid, trouble(why), why.text()));
    }

    private static StoreTrouble trouble(Refused why) {
        return switch (why.reason()) {
            case NO_SPACE -> StoreTrouble.NO_SPACE;
            case FAILED -> StoreTrouble.FAILED;
            case BUSY, UNKNOWN, DAMAGED -> StoreTrouble.OTHER;
        };
    }

    /// Commits a report in the place of the envelopes it stands for; `done` is told whether it is
    /// durable.
    void commitReport(
            MsgId msgid, List<EvpId> bounces, java.util.function.Consumer<Optional<String>> done) {
        Incoming message = incoming.remove(msgid);
        Optional<Refused> objection =
                message == null
                        ? Optional.of(UNKNOWN)
                        : message.objection(message.size(), message.checksum());
        if (message == null || objection.isPresent()) {
            forget(msgid);
            done.accept(objection.map(Refused::text));
            return;
        }
        committing.put(msgid, message);
        StoreTx.Commit commit = new StoreTx.Commit(msgid, message.size(), message.checksum());
        desk.commit(
                StoreTx.report(commit, message.envelopes(), bounces),
                result -> {
                    committing.remove(msgid);
                    if (result instanceof Refused refused) {
                        forget(msgid);
                        done.accept(Optional.of(refused.text()));
                    } else {
                        peers.scheduler().send(new QueueToScheduler.CommitMessage(msgid));
                        done.accept(Optional.empty());
                    }
                });
    }

    /// The sender gave up.
    void rollback(MsgId msgid) {
        if (incoming.remove(msgid) != null) {
            forget(msgid);
        }
    }

    private void forget(MsgId msgid) {
        desk.store().rollback(msgid);
        peers.scheduler().send(new QueueToScheduler.RollbackMessage(msgid));
    }

    /// smtp died, and with it every session.
    ///
    /// @param reports messages of our own, which live on
    void smtpLost(java.util.Set<MsgId> reports) {
        List<MsgId> lost = new ArrayList<>(incoming.keySet());
        lost.removeAll(reports);
        lost.forEach(this::rollback);
    }

    /// A fresh scheduler knows no changeset: the envelopes so far join one again. Those of a
    /// message that is being committed are not in the store yet, where the scheduler would be told
    /// of them.
    void resubmit() {
        committing.values().forEach(this::resubmit);
        incoming.values().forEach(this::resubmit);
    }

    private void resubmit(Incoming message) {
        for (Envelope envelope : message.envelopes()) {
            peers.scheduler().send(new QueueToScheduler.Submit(actions.entry(envelope)));
        }
    }
}
