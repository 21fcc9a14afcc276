package smtpd.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.SchedulePhase;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.mail.Envelope;

import java.time.Instant;
import java.util.List;

class QueueLineTest {
    private static final Instant NOW = Mails.CREATED.plusSeconds(100);

    private static ScheduleState state(Envelope envelope, SchedulePhase phase, Instant since) {
        return new ScheduleState(envelope.id(), phase, false, since, Instant.EPOCH);
    }

    @Test
    void pendingEnvelopeShowsSecondsToNextTry() {
        Envelope envelope = Mails.remote("ac72aee54e9f880a");
        assertEquals(
                "ac72aee54e9f880a|inet4|mta|auth|alice@example.org|slow@remote.test"
                        + "|slow@remote.test|1795285398|1795630998|1795285458|1|pending|396"
                        + "|451 4.7.1 try later",
                QueueLine.of(
                        envelope,
                        state(envelope, SchedulePhase.PENDING, NOW.plusSeconds(396)),
                        NOW));
    }

    @Test
    void inflightEnvelopeShowsSecondsSinceItsStart() {
        Envelope envelope = Mails.remote("ac72aee54e9f880a");
        String line =
                QueueLine.of(
                        envelope,
                        state(envelope, SchedulePhase.INFLIGHT, NOW.minusSeconds(5)),
                        NOW);
        assertEquals(List.of("inflight", "5"), List.of(line.split("\\|", -1)).subList(11, 13));
    }

    @Test
    void envelopeThatTheSchedulerDoesNotKnowIsOffline() {
        String line = QueueLine.of(Mails.remote("ac72aee54e9f880a"), null, NOW);
        assertEquals(List.of("offline", ""), List.of(line.split("\\|", -1)).subList(11, 13));
    }

    @Test
    void flagsAreListed() {
        Envelope envelope = Mails.remote("ac72aee54e9f880a");
        ScheduleState held =
                new ScheduleState(envelope.id(), SchedulePhase.HELD, true, NOW, Instant.EPOCH);
        assertEquals("auth,suspend,hold", QueueLine.of(envelope, held, NOW).split("\\|", -1)[3]);
    }

    @Test
    @DisplayName("F-84: a separator or escape in an address cannot forge a field or move a cursor")
    void addressesAreEscaped() {
        String line = QueueLine.of(Mails.bounce("0000000100000001"), null, NOW);
        assertEquals(
                "0000000100000001|local|bounce|bounce,internal|@|a\\x7cb\\x1b[1m@example.org"
                        + "|alice@example.org|1795285398|1795630998|0|0|offline||",
                line);
    }

    @Test
    void thereAreFourteenFields() {
        Envelope envelope = Mails.remote("ac72aee54e9f880a");
        for (SchedulePhase phase : SchedulePhase.values()) {
            String line = QueueLine.of(envelope, state(envelope, phase, NOW), NOW);
            assertEquals(14, line.split("\\|", -1).length);
        }
    }
}
