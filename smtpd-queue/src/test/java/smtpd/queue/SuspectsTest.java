package smtpd.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

@DisplayName("F-72: a message that kills its deliverer three times is held, and nobody else is")
class SuspectsTest {
    private static final Envelope POISON = envelope(1);
    private static final Envelope NEIGHBOUR = envelope(2);

    private final Suspects suspects = new Suspects();

    private static Envelope envelope(int message) {
        return new Envelope(
                new MsgId(message).envelope(1),
                new Envelope.Origin("", "mx", "h", "h", "local", "", Envelope.OriginFlags.NONE),
                MailAddr.of("a@example.org"),
                MailAddr.of("b@example.org"),
                MailAddr.of("b@example.org"),
                new Envelope.Target.Mta("out"),
                Dsn.NONE,
                Instant.EPOCH,
                Duration.ofDays(4),
                Envelope.State.NEW);
    }

    private void bothDie() {
        assertFalse(suspects.died(POISON.id()));
        assertFalse(suspects.died(NEIGHBOUR.id()));
        suspects.disperse();
    }

    @Test
    void onlyTheOneThatWasAloneIsHeld() {
        bothDie();
        bothDie();
        assertTrue(suspects.mayGo(List.of(NEIGHBOUR)));
        assertFalse(suspects.mayGo(List.of(POISON)));
        suspects.survived(NEIGHBOUR.id());
        assertEquals(Optional.of(List.of(POISON)), suspects.next());
        assertTrue(suspects.died(POISON.id()));
    }

    @Test
    void aSuspectThatWaitsInLineIsNotHeldForTheDeathOfAnother() {
        bothDie();
        bothDie();
        assertTrue(suspects.mayGo(List.of(POISON)));
        assertFalse(suspects.mayGo(List.of(NEIGHBOUR)));
        assertTrue(suspects.died(POISON.id()));
        assertFalse(suspects.died(NEIGHBOUR.id()));
    }

    @Test
    void whoeverSurvivesIsInnocent() {
        bothDie();
        bothDie();
        assertTrue(suspects.mayGo(List.of(POISON)));
        suspects.survived(POISON.id());
        suspects.survived(NEIGHBOUR.id());
        assertTrue(suspects.mayGo(List.of(POISON)));
        assertTrue(suspects.mayGo(List.of(NEIGHBOUR)));
        assertEquals(Optional.empty(), suspects.next());
    }
}
