package smtpd.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.BounceKind;
import smtpd.core.mail.Envelope.Cause;
import smtpd.core.mail.Envelope.State;
import smtpd.core.mail.Envelope.Story;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.Esc;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Outcome;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

class AftermathTest {
    private static final Duration FOUR_HOURS = Duration.ofHours(4);

    private final Aftermath aftermath = new Aftermath(List.of(FOUR_HOURS, Duration.ofDays(1)), 0);

    private static Envelope envelope(String sender, Dsn.Notify... notify) {
        Dsn dsn = new Dsn(Set.of(notify), Dsn.Ret.UNSPECIFIED, "", "");
        return QueueRig.envelope(new MsgId(1), sender, "c@d.example", dsn);
    }

    private static DeliveryResult result(Outcome outcome, boolean passedOn) {
        return new DeliveryResult(
                new MsgId(1).envelope(1), outcome, new Esc(4, 0, 0), "text", passedOn);
    }

    private Optional<Envelope> gone(Envelope envelope, Outcome outcome) {
        return assertInstanceOf(
                        Aftermath.Fate.Gone.class,
                        aftermath.of(envelope, result(outcome, false), QueueRig.START))
                .report();
    }

    private Aftermath.Fate.Again again(Envelope envelope, Instant now) {
        return assertInstanceOf(
                Aftermath.Fate.Again.class,
                aftermath.of(envelope, result(Outcome.TEMPFAIL, false), now));
    }

    @Test
    void successIsReportedOnlyIfAsked() {
        assertEquals(Optional.empty(), gone(envelope("a@b.example"), Outcome.OK));
        Envelope report =
                gone(envelope("a@b.example", Dsn.Notify.SUCCESS), Outcome.OK).orElseThrow();
        assertEquals(
                new Target.Bounce(
                        BounceKind.RELAYED,
                        Duration.ZERO,
                        new Story(Cause.REMOTE, "", QueueRig.START, Instant.EPOCH)),
                report.target());
    }

    @Test
    void successIsNotReportedWhereTheNextHopDoes() {
        Aftermath.Fate fate =
                aftermath.of(
                        envelope("a@b.example", Dsn.Notify.SUCCESS),
                        result(Outcome.OK, true),
                        QueueRig.START);
        assertEquals(new Aftermath.Fate.Gone(Optional.empty()), fate);
    }

    @Test
    void failureIsReportedUnlessAskedOtherwise() {
        assertTrue(gone(envelope("a@b.example"), Outcome.PERMFAIL).isPresent());
        assertTrue(gone(envelope("a@b.example"), Outcome.LOOP).isPresent());
        assertTrue(gone(envelope("a@b.example", Dsn.Notify.FAILURE), Outcome.PERMFAIL).isPresent());
        assertTrue(gone(envelope("a@b.example", Dsn.Notify.NEVER), Outcome.PERMFAIL).isEmpty());
        assertTrue(gone(envelope("a@b.example", Dsn.Notify.SUCCESS), Outcome.PERMFAIL).isEmpty());
    }

    @Test
    @DisplayName("F-86: the null sender is told nothing, whatever was asked for")
    void theNullSenderIsToldNothing() {
        Envelope envelope = envelope("", Dsn.Notify.SUCCESS, Dsn.Notify.FAILURE, Dsn.Notify.DELAY);
        assertTrue(gone(envelope, Outcome.OK).isEmpty());
        assertTrue(gone(envelope, Outcome.PERMFAIL).isEmpty());
        Instant late = QueueRig.START.plus(FOUR_HOURS);
        assertTrue(again(envelope, late).warning().isEmpty());
    }

    @Test
    void aReportOutlivesWhatHasExpired() {
        Instant end = QueueRig.START.plus(Duration.ofDays(4));
        Envelope report = aftermath.expired(envelope("a@b.example"), end).orElseThrow();
        assertEquals(end.plus(Aftermath.REPORT_TTL), report.expiry());
        assertEquals(QueueRig.START, report.created());
    }

    @Test
    void whatHasExpiredIsReportedWithTheReasonOfItsLastAttempt() {
        Instant end = QueueRig.START.plus(Duration.ofDays(4));
        Envelope never = aftermath.expired(envelope("a@b.example"), end).orElseThrow();
        assertEquals(new Esc(5, 4, 7), never.state().status());
        State last =
                new State(
                        7,
                        end.minusSeconds(60),
                        Instant.EPOCH,
                        new Esc(4, 4, 1),
                        "Connection refused",
                        false);
        Envelope tried = aftermath.expired(envelope("a@b.example").with(last), end).orElseThrow();
        assertEquals(new Esc(4, 4, 1), tried.state().status());
        assertEquals("Connection refused", tried.state().errorLine());
        assertEquals(
                new Target.Bounce(
                        BounceKind.FAILED,
                        Duration.ZERO,
                        new Story(Cause.EXPIRED, "", last.lastTry(), last.lastTry())),
                tried.target());
    }

    @Test
    void aLoopIsAPermanentFailureWhateverItsFinderCalledIt() {
        Envelope report = gone(envelope("a@b.example"), Outcome.LOOP).orElseThrow();
        assertEquals(new Esc(5, 4, 6), report.state().status());
        assertEquals(BounceKind.FAILED, ((Target.Bounce) report.target()).kind());
    }

    @Test
    void aDelayIsReportedOnceForEachInterval() {
        Envelope fresh = envelope("a@b.example");
        assertTrue(
                again(fresh, QueueRig.START.plus(FOUR_HOURS).minusSeconds(1)).warning().isEmpty());
        Aftermath.Fate.Again first = again(fresh, QueueRig.START.plus(FOUR_HOURS));
        assertEquals(
                new Target.Bounce(
                        BounceKind.DELAYED,
                        FOUR_HOURS,
                        new Story(
                                Cause.REMOTE, "", QueueRig.START.plus(FOUR_HOURS), Instant.EPOCH)),
                first.warning().orElseThrow().target());
        Envelope warned = fresh.with(first.state());
        assertTrue(
                again(warned, QueueRig.START.plus(FOUR_HOURS.multipliedBy(2))).warning().isEmpty());
        assertTrue(again(warned, QueueRig.START.plus(Duration.ofDays(1))).warning().isPresent());
    }

    @Test
    void anAttemptIsCountedAndItsWordsAreKept() {
        Envelope.State state = again(envelope("a@b.example"), QueueRig.START).state();
        assertEquals(1, state.retry());
        assertEquals(QueueRig.START, state.lastTry());
        assertEquals("text", state.errorLine());
    }
}
