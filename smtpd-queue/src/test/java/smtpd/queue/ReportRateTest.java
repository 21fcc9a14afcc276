package smtpd.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.QueueOptions;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.Origin;
import smtpd.core.mail.Envelope.OriginFlags;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Outcome;
import smtpd.queue.store.MailStore;
import smtpd.queue.store.RamStore;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

@DisplayName("F-88: the owner of a forged address is not flooded")
class ReportRateTest {
    private static final Instant NOW = QueueRig.START;

    private static Envelope from(String sender, String address, boolean authenticated) {
        return from(new MsgId(1), sender, address, authenticated);
    }

    private static Envelope from(
            MsgId msgid, String sender, String address, boolean authenticated) {
        Envelope it = QueueRig.envelope(msgid, sender, "c@d.example", Dsn.NONE);
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
    void whoIsKnownIsToldWhereNobodyElseIs() {
        ReportRate none = new ReportRate(QueueOptions.NO_REPORTS);
        assertTrue(none.suppresses(from("a@b.example", "192.0.2.1", false)));
        Envelope known = from("a@b.example", "192.0.2.1", true);
        assertFalse(none.suppresses(known));
        assertEquals(1000, admitted(none, known, NOW));
        assertFalse(none.suppresses(from("a@b.example", "local", false)));
        assertFalse(new ReportRate(1).suppresses(from("a@b.example", "192.0.2.1", false)));
    }

    @Test
    void suppressedReportsLeaveNothing() {
        QueueRig rig =
                new QueueRig(
                        MailStore.plain(new RamStore(1_000_000)),
                        new Aftermath(List.of(Duration.ofHours(4)), QueueOptions.NO_REPORTS));
        rig.agent.fromMta().attached();
        MsgId msgid = rig.begin();
        List<EvpId> ids = rig.add(msgid, from(msgid, "forged@b.example", "192.0.2.1", false));
        rig.body(msgid, QueueRig.CONTENT);
        rig.commit(msgid, QueueRig.CONTENT);
        rig.settle();
        rig.scheduler.take();
        rig.deliver(DeliveryType.MTA, ids);
        rig.report(ids, Outcome.PERMFAIL, "550 no");
        rig.settle();
        rig.deliver(DeliveryType.BOUNCE, rig.submitted());
        rig.pass(Duration.ofMinutes(2));
        assertEquals(List.of(), rig.lka.asked);
        assertEquals(0, rig.store.status().messages());
        assertEquals(1, rig.scheduler.take(QueueToScheduler.Delivered.class).size());
    }

    @Test
    void aClockThatGoesBackMakesNobodyWait() {
        ReportRate rate = new ReportRate(1);
        Envelope forged = from("victim@b.example", "192.0.2.1", false);
        admitted(rate, forged, NOW);
        assertTrue(rate.admit(forged, NOW.minus(Duration.ofDays(1))));
    }
}
