package smtpd.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.Origin;
import smtpd.core.mail.Envelope.OriginFlags;
import smtpd.core.mail.MsgId;

import java.time.Duration;
import java.time.Instant;

@DisplayName("F-88: the owner of a forged address is not flooded")
class ReportRateTest {
    private static final Instant NOW = QueueRig.START;

    private static Envelope from(String sender, String address, boolean authenticated) {
        Envelope it = QueueRig.envelope(new MsgId(1), sender, "c@d.example", Dsn.NONE);
        Origin origin =
                new Origin(
                        "",
                        "mx.example",
                        "client",
                        "<unknown>",
                        address,
                        "",
                        new OriginFlags(authenticated, false, false));
        return new Envelope(
                it.id(),
                origin,
                it.sender(),
                it.rcpt(),
                it.dest(),
                it.target(),
                it.dsn(),
                it.created(),
                it.ttl(),
                it.state());
    }

    private static int admitted(ReportRate rate, Envelope about, Instant now) {
        int admitted = 0;
        for (int i = 0; i < 1000; i++) {
            admitted += rate.admit(about, now) ? 1 : 0;
        }
        return admitted;
    }

    @Test
    void whoDidNotAuthenticateGetsSoManyInAnHour() {
        ReportRate rate = new ReportRate(10);
        Envelope forged = from("victim@b.example", "192.0.2.1", false);
        assertEquals(10, admitted(rate, forged, NOW));
        assertFalse(rate.admit(forged, NOW.plus(ReportRate.HOUR).minusSeconds(1)));
        assertEquals(10, admitted(rate, forged, NOW.plus(ReportRate.HOUR)));
    }

    @Test
    void othersAreNotAffected() {
        ReportRate rate = new ReportRate(1);
        admitted(rate, from("victim@b.example", "192.0.2.1", false), NOW);
        assertTrue(rate.admit(from("other@b.example", "192.0.2.1", false), NOW));
        assertFalse(rate.admit(from("victim@B.EXAMPLE", "192.0.2.9", false), NOW));
    }

    @Test
    void whoIsKnownNeverWaits() {
        ReportRate rate = new ReportRate(1);
        assertEquals(1000, admitted(rate, from("a@b.example", "192.0.2.1", true), NOW));
        assertEquals(1000, admitted(rate, from("a@b.example", "local", false), NOW));
        assertEquals(
                1000, admitted(new ReportRate(0), from("a@b.example", "192.0.2.1", false), NOW));
    }

    @Test
    void aClockThatGoesBackMakesNobodyWait() {
        ReportRate rate = new ReportRate(1);
        Envelope forged = from("victim@b.example", "192.0.2.1", false);
        admitted(rate, forged, NOW);
        assertTrue(rate.admit(forged, NOW.minus(Duration.ofDays(1))));
    }
}
