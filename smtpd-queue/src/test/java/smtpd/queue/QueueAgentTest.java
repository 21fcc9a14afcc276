package smtpd.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.QueueToSmtp;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SmtpToQueue;
import smtpd.core.imsg.StoreTrouble;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Outcome;
import smtpd.queue.store.Content;
import smtpd.queue.store.ForwardedStore;
import smtpd.queue.store.Loaded;
import smtpd.queue.store.MailStore;
import smtpd.queue.store.RamStore;
import smtpd.queue.store.SteppedMail;
import smtpd.queue.store.StoreLimits;
import smtpd.testkit.fs.DiskFault;
import smtpd.testkit.fs.SimFs;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

class QueueAgentTest {
    private static final Duration MOMENT = Duration.ofSeconds(2);

    private final QueueRig rig = new QueueRig();

    private List<EvpId> inflight(String sender, Dsn dsn, String... rcpts) {
        rig.agent.fromMta().attached();
        List<EvpId> ids = rig.accept(sender, dsn, rcpts);
        rig.deliver(DeliveryType.MTA, ids);
        rig.mta.take();
        return ids;
    }

    @Test
    void committedIsSaidWhenTheStoreHasSaidSo() {
        MsgId msgid = rig.begin();
        rig.add(msgid, QueueRig.envelope(msgid, "a@b.example", "c@d.example", Dsn.NONE));
        rig.body(msgid, QueueRig.CONTENT);
        rig.smtp.take();
        rig.commit(msgid, QueueRig.CONTENT);
        assertEquals(List.of(), rig.smtp.take());
        rig.settle();
        assertEquals(List.of(new QueueToSmtp.Committed(msgid)), rig.smtp.take());
    }

    @Test
    void contentDamagedOnItsWayIsRefused() {
        MsgId msgid = rig.begin();
        rig.add(msgid, QueueRig.envelope(msgid, "a@b.example", "c@d.example", Dsn.NONE));
        rig.body(msgid, QueueRig.CONTENT);
        rig.commit(msgid, Bytes.of("something else"));
        rig.settle();
        assertEquals(
                StoreTrouble.OTHER,
                rig.smtp.take(QueueToSmtp.CommitFailed.class).getFirst().trouble());
        assertEquals(0, rig.store.status().messages());
    }

    @Test
    @DisplayName("F-67: a store that failed takes nothing, and says so to smtp")
    void storeThatFailed() throws IOException {
        SimFs disk = new SimFs(1);
        SteppedMail store = SteppedMail.segment(disk, new StoreLimits(100_000, 25, 0, 0), _ -> {});
        QueueRig failing = new QueueRig(store);
        MsgId msgid = failing.begin();
        failing.add(msgid, QueueRig.envelope(msgid, "a@b.example", "c@d.example", Dsn.NONE));
        failing.body(msgid, QueueRig.CONTENT);
        disk.plan(_ -> DiskFault.IO_ERROR);
        failing.commit(msgid, QueueRig.CONTENT);
        store.step(true);
        disk.plan(_ -> null);
        failing.settle();
        assertEquals(
                StoreTrouble.FAILED,
                failing.smtp.take(QueueToSmtp.CommitFailed.class).getFirst().trouble());
        failing.agent.fromSmtp().receive(1, new SmtpToQueue.CreateMessage());
        assertEquals(
                StoreTrouble.FAILED,
                failing.smtp.take(QueueToSmtp.NotCreated.class).getFirst().trouble());
    }

    @Test
    @DisplayName("F-66: a disk that fills half way through a message refuses it and keeps the rest")
    void aDiskThatFillsHalfWayRefusesTheMessage() {
        QueueRig small = new QueueRig(MailStore.plain(new RamStore(40_000)));
        List<EvpId> kept = small.accept("a@b.example", Dsn.NONE, "c@d.example");
        MsgId msgid = small.begin();
        small.add(msgid, QueueRig.envelope(msgid, "a@b.example", "e@d.example", Dsn.NONE));
        Bytes part = Bytes.of("x".repeat(30_000));
        small.body(msgid, part);
        small.body(msgid, part);
        small.body(msgid, part);
        small.commit(msgid, Bytes.of("x".repeat(90_000)));
        small.settle();
        List<QueueToSmtp.CommitFailed> refused = small.smtp.take(QueueToSmtp.CommitFailed.class);
        assertEquals(1, refused.size());
        assertEquals(StoreTrouble.NO_SPACE, refused.getFirst().trouble());
        assertTrue(small.scheduler.take().contains(new QueueToScheduler.RollbackMessage(msgid)));
        assertInstanceOf(Loaded.Found.class, small.store.load(kept.getFirst()));
        assertEquals(1, small.store.status().messages());
    }

    @Test
    void aSmtpThatDiesTakesWhatItHadNotCommitted() {
        MsgId msgid = rig.begin();
        rig.agent.fromSmtp().detached();
        assertEquals(List.of(new QueueToScheduler.RollbackMessage(msgid)), rig.scheduler.take());
    }

    @Test
    void aDeliveredEnvelopeIsGoneOnceThatIsDurable() {
        List<EvpId> ids = inflight("a@b.example", Dsn.NONE, "c@d.example");
        rig.report(ids, Outcome.OK, "250 ok");
        assertEquals(List.of(), rig.scheduler.take());
        rig.settle();
        assertEquals(List.of(new QueueToScheduler.Delivered(ids.getFirst())), rig.scheduler.take());
        assertEquals(0, rig.store.status().envelopes());
    }

    @Test
    void aResultCountsOnce() {
        List<EvpId> ids = inflight("a@b.example", Dsn.NONE, "c@d.example");
        rig.report(ids, Outcome.TEMPFAIL, "450 no");
        rig.report(ids, Outcome.OK, "250 ok");
        rig.settle();
        assertEquals(1, rig.scheduler.take(QueueToScheduler.Deferred.class).size());
        assertEquals(1, rig.store.status().envelopes());
    }

    @Test
    void aFreshSchedulerIsNotToldOfAnEnvelopeWhoseEndIsBeingRecorded() {
        List<EvpId> ids = inflight("a@b.example", Dsn.NONE, "c@d.example");
        rig.report(ids, Outcome.OK, "250 ok");
        rig.agent.fromScheduler().receive(0, new SchedulerToQueue.Resubmit(false));
        rig.settle();
        assertEquals(List.of(), rig.submitted());
    }

    @Test
    void aFreshSchedulerIsToldOfAMessageThatIsBeingCommitted() {
        MsgId msgid = rig.begin();
        List<EvpId> ids =
                rig.add(msgid, QueueRig.envelope(msgid, "a@b.example", "c@d.example", Dsn.NONE));
        rig.body(msgid, QueueRig.CONTENT);
        rig.commit(msgid, QueueRig.CONTENT);
        rig.scheduler.take();
        rig.agent.fromScheduler().receive(0, new SchedulerToQueue.Resubmit(false));
        assertEquals(ids, rig.submitted());
        rig.settle();
        assertTrue(rig.scheduler.take().contains(new QueueToScheduler.CommitMessage(msgid)));
    }

    @Test
    void aFreshSchedulerHearsOfAnAttemptWhenItHasEnded() {
        List<EvpId> ids = inflight("a@b.example", Dsn.NONE, "c@d.example");
        rig.agent.fromScheduler().receive(0, new SchedulerToQueue.Resubmit(false));
        rig.settle();
        assertEquals(List.of(), rig.submitted());
        rig.report(ids, Outcome.TEMPFAIL, "450 no");
        rig.settle();
        assertEquals(ids, rig.submitted());
    }

    @Test
    void whatADeadDelivererHadIsReturnedAndItsHoldQueuesReleased() {
        List<EvpId> ids = inflight("a@b.example", Dsn.NONE, "c@d.example");
        rig.agent.fromMta().detached();
        assertEquals(
                List.of(
                        new QueueToScheduler.Returned(ids.getFirst()),
                        new QueueToScheduler.Release(DeliveryType.MTA, 0, 0)),
                rig.scheduler.take());
        rig.report(ids, Outcome.OK, "250 too late");
        rig.settle();
        assertEquals(List.of(), rig.scheduler.take());
    }

    @Test
    @DisplayName("F-72: a message that mda dies of three times is held with the reason")
    void poisonOfMda() {
        List<EvpId> ids = rig.accept("a@b.example", Dsn.NONE, "poison@here.example");
        rig.agent.fromMda().attached();
        for (int death = 1; death <= 3; death++) {
            rig.deliver(DeliveryType.MDA, ids);
            rig.agent.fromMda().detached();
            rig.settle();
            assertEquals(death == 3, load(ids.getFirst()).state().suspended());
            rig.agent.fromMda().attached();
        }
        assertTrue(load(ids.getFirst()).state().errorLine().startsWith("held: "));
        List<EvpId> others = rig.accept("a@b.example", Dsn.NONE, "b@here.example");
        rig.mda.take();
        rig.deliver(DeliveryType.MDA, others);
        assertEquals(1, rig.mda.take().size());
    }

    @Test
    @DisplayName(
            "F-72: a message whose report cannot be written three times is held, others are not")
    void poisonOfTheQueueItself() {
        Set<MsgId> poison = new LinkedHashSet<>();
        QueueRig broken =
                new QueueRig(
                        new ForwardedStore(MailStore.plain(new RamStore(1_000_000))) {
                            @Override
                            public Optional<Content> content(MsgId id) {
                                if (poison.contains(id)) {
                                    throw new IllegalStateException("a parser of ours");
                                }
                                return super.content(id);
                            }
                        });
        broken.agent.fromMta().attached();
        List<EvpId> ids = broken.accept("a@b.example", Dsn.NONE, "c@d.example");
        broken.deliver(DeliveryType.MTA, ids);
        broken.scheduler.take();
        broken.report(ids, Outcome.PERMFAIL, "550 no");
        broken.settle();
        EvpId bounce = broken.submitted().getFirst();
        poison.add(bounce.msgid());
        for (int attempt = 1; attempt <= 3; attempt++) {
            broken.deliver(DeliveryType.BOUNCE, List.of(bounce));
            broken.pass(MOMENT);
            Envelope found =
                    assertInstanceOf(Loaded.Found.class, broken.store.load(bounce)).envelope();
            assertEquals(attempt == 3, found.state().suspended(), "attempt " + attempt);
        }
        assertEquals(1, broken.store.status().messages());
        assertEquals(1, broken.accept("a@b.example", Dsn.NONE, "e@d.example").size());
    }

    @Test
    void envelopesWaitForADelivererThatIsNotThere() {
        List<EvpId> ids = rig.accept("a@b.example", Dsn.NONE, "c@d.example");
        rig.deliver(DeliveryType.MTA, ids);
        assertEquals(List.of(), rig.mta.take());
        rig.agent.fromMta().attached();
        assertEquals(1, rig.mta.take(QueueToMta.Transfer.class).size());
    }

    @Test
    void aHeldEnvelopeIsParked() {
        List<EvpId> ids = inflight("a@b.example", Dsn.NONE, "c@d.example");
        rig.agent.fromMta().receive(0, new MtaToQueue.Hold(ids, 7));
        assertEquals(List.of(new QueueToScheduler.Hold(ids.getFirst(), 7)), rig.scheduler.take());
    }

    @Test
    void anEnvelopeSuspendedInFlightStaysSuspendedAfterItsAttempt() {
        List<EvpId> ids = inflight("a@b.example", Dsn.NONE, "c@d.example");
        rig.agent.fromScheduler().receive(0, new SchedulerToQueue.Suspend(ids, true));
        rig.report(ids, Outcome.TEMPFAIL, "450 no");
        rig.settle();
        Envelope found =
                assertInstanceOf(Loaded.Found.class, rig.store.load(ids.getFirst())).envelope();
        assertTrue(found.state().suspended());
        assertEquals(1, found.state().retry());
    }

    @Test
    @DisplayName("F-89: more time is kept: after an attempt, and for a fresh scheduler")
    void moreTimeIsKept() {
        List<EvpId> ids = inflight("a@b.example", Dsn.NONE, "c@d.example");
        Duration ttl = load(ids.getFirst()).ttl();
        Duration day = Duration.ofDays(1);
        rig.agent.fromScheduler().receive(0, new SchedulerToQueue.Extend(ids, day));
        rig.report(ids, Outcome.TEMPFAIL, "450 no");
        rig.settle();
        rig.agent.fromScheduler().receive(0, new SchedulerToQueue.Extend(ids, day));
        rig.settle();
        assertEquals(
                load(ids.getFirst()).created().plus(ttl).plus(day).plus(day),
                load(ids.getFirst()).expiry());
        rig.scheduler.take();
        rig.agent.fromScheduler().receive(0, new SchedulerToQueue.Resubmit(false));
        rig.settle();
        assertEquals(
                List.of(ttl.plus(day).plus(day)),
                rig.scheduler.take(QueueToScheduler.Submit.class).stream()
                        .map(it -> it.entry().ttl())
                        .toList());
    }

    private Envelope load(EvpId id) {
        return assertInstanceOf(Loaded.Found.class, rig.store.load(id)).envelope();
    }

    private void writeReport() {
        rig.deliver(DeliveryType.BOUNCE, rig.submitted());
        rig.pass(MOMENT);
    }

    /// lka accepts the recipient of the report that was asked about last.
    private List<EvpId> expandReport() {
        QueueToLka.ExpandReport question = (QueueToLka.ExpandReport) rig.lka.asked.getLast();
        MsgId msgid = question.query().msgid();
        List<EvpId> ids =
                rig.add(
                        msgid,
                        QueueRig.envelope(msgid, "", question.query().rcpt().toString(), Dsn.NONE));
        rig.lka.reply(new LkaToQueue.ReportExpanded(ids));
        rig.settle();
        return ids;
    }

    @Test
    @DisplayName("F-87: recipients that fail within the window share one report, each exactly once")
    void failuresOfOneMessageShareOneReport() {
        String[] rcpts = new String[500];
        for (int i = 0; i < rcpts.length; i++) {
            rcpts[i] = "r" + i + "@d.example";
        }
        List<EvpId> ids = inflight("a@b.example", Dsn.NONE, rcpts);
        rig.report(ids.subList(0, 200), Outcome.PERMFAIL, "550 no");
        rig.report(ids.subList(200, 500), Outcome.PERMFAIL, "550 no");
        rig.settle();
        writeReport();
        assertEquals(1, rig.lka.asked.size());
        expandReport();
        assertEquals(1, rig.store.status().messages());
        assertEquals(1, rig.store.status().envelopes());
    }

    @Test
    @DisplayName("F-87: a report being written is not begun again for a fresh scheduler")
    void aReportUnderWayIsWrittenOnce() {
        List<EvpId> ids = inflight("a@b.example", Dsn.NONE, "c@d.example");
        rig.report(ids, Outcome.PERMFAIL, "550 no");
        rig.settle();
        writeReport();
        rig.scheduler.take();
        rig.agent.fromScheduler().receive(0, new SchedulerToQueue.Resubmit(false));
        rig.settle();
        List<EvpId> told = rig.submitted();
        assertTrue(told.stream().noneMatch(id -> id.msgid().equals(ids.getFirst().msgid())));
    }

    @Test
    @DisplayName("F-86: a message from the null sender is never reported about")
    void theNullSenderIsNotTold() {
        List<EvpId> ids =
                inflight(
                        "",
                        new Dsn(Set.of(Dsn.Notify.FAILURE), Dsn.Ret.FULL, "", ""),
                        "c@d.example");
        rig.report(ids, Outcome.PERMFAIL, "550 no");
        rig.settle();
        assertEquals(List.of(new QueueToScheduler.Delivered(ids.getFirst())), rig.scheduler.take());
        assertEquals(0, rig.store.status().messages());
    }

    @Test
    @DisplayName("F-86: a report whose recipient fails is dropped")
    void aReportThatFailsIsDropped() {
        List<EvpId> ids = inflight("a@b.example", Dsn.NONE, "c@d.example");
        rig.report(ids, Outcome.PERMFAIL, "550 no");
        rig.settle();
        writeReport();
        List<EvpId> report = expandReport();
        rig.deliver(DeliveryType.MTA, report);
        rig.report(report, Outcome.PERMFAIL, "550 no such sender");
        rig.settle();
        assertEquals(0, rig.store.status().messages());
    }

    @Test
    void aReportToARefusedSenderIsDropped() {
        List<EvpId> ids = inflight("a@b.example", Dsn.NONE, "c@d.example");
        rig.report(ids, Outcome.PERMFAIL, "550 no");
        rig.settle();
        writeReport();
        rig.lka.reply(new LkaToQueue.ReportRefused(550, "no such user"));
        rig.settle();
        assertEquals(0, rig.store.status().messages());
    }

    @Test
    void aReportThatLkaCannotPlaceIsTriedAgain() {
        List<EvpId> ids = inflight("a@b.example", Dsn.NONE, "c@d.example");
        rig.report(ids, Outcome.PERMFAIL, "550 no");
        rig.settle();
        writeReport();
        rig.scheduler.take();
        rig.lka.lose();
        rig.settle();
        assertEquals(1, rig.scheduler.take(QueueToScheduler.Deferred.class).size());
        assertEquals(1, rig.store.status().envelopes());
    }

    @Test
    void anExpiredEnvelopeIsReportedAndItsReportDoesNotExpireWithIt() {
        List<EvpId> ids = rig.accept("a@b.example", Dsn.NONE, "c@d.example");
        rig.pass(Duration.ofDays(4));
        rig.agent.fromScheduler().receive(0, new SchedulerToQueue.Expire(ids));
        rig.settle();
        var report = rig.scheduler.take(QueueToScheduler.Submit.class).getFirst().entry();
        assertEquals(DeliveryType.BOUNCE, report.type());
        assertTrue(report.created().plus(report.ttl()).isAfter(rig.now().plus(MOMENT)));
    }

    @Test
    void aRemovedEnvelopeIsNotReported() {
        List<EvpId> ids = rig.accept("a@b.example", Dsn.NONE, "c@d.example");
        rig.agent.fromScheduler().receive(0, new SchedulerToQueue.Remove(ids));
        rig.settle();
        assertEquals(List.of(new QueueToScheduler.Delivered(ids.getFirst())), rig.scheduler.take());
        assertEquals(0, rig.store.status().messages());
    }

    @Test
    void anUnknownActionIsTriedLater() {
        MsgId msgid = rig.begin();
        Envelope plain = QueueRig.envelope(msgid, "a@b.example", "c@d.example", Dsn.NONE);
        List<EvpId> ids =
                rig.add(
                        msgid,
                        new Envelope(
                                plain.id(),
                                plain.origin(),
                                plain.sender(),
                                plain.rcpt(),
                                plain.dest(),
                                new Envelope.Target.Mta("gone"),
                                plain.dsn(),
                                plain.created(),
                                plain.ttl(),
                                plain.state()));
        rig.body(msgid, QueueRig.CONTENT);
        rig.commit(msgid, QueueRig.CONTENT);
        rig.settle();
        rig.scheduler.take();
        rig.agent.fromMta().attached();
        rig.deliver(DeliveryType.MTA, ids);
        assertEquals(1, rig.scheduler.take(QueueToScheduler.Deferred.class).size());
        assertEquals(List.of(), rig.mta.take());
    }

    @Test
    void aRollbackForgetsTheMessage() {
        MsgId msgid = rig.begin();
        rig.agent.fromSmtp().receive(0, new SmtpToQueue.Rollback(msgid));
        rig.commit(msgid, QueueRig.CONTENT);
        rig.settle();
        assertEquals(1, rig.smtp.take(QueueToSmtp.CommitFailed.class).size());
    }
}
