package smtpd.control;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/// Envelopes to list.
public final class Mails {
    /// When they were accepted.
    public static final Instant CREATED = Instant.ofEpochSecond(1_795_285_398L);

    private Mails() {}

    /// A remote delivery that was tried once.
    public static Envelope remote(String evpid) {
        return new Envelope(
                EvpId.parse(evpid),
                new Envelope.Origin(
                        "",
                        "mx.example.org",
                        "client.example.org",
                        "client.example.org",
                        "192.0.2.7",
                        "",
                        new Envelope.OriginFlags(true, false, true)),
                MailAddr.of("alice@example.org"),
                MailAddr.of("slow@remote.test"),
                MailAddr.of("slow@remote.test"),
                new Envelope.Target.Mta("outbound"),
                new Dsn(Set.of(Dsn.Notify.FAILURE), Dsn.Ret.HDRS, "id1", ""),
                CREATED,
                Duration.ofDays(4),
                new Envelope.State(
                        1,
                        CREATED.plusSeconds(60),
                        Instant.EPOCH,
                        new Esc(4, 7, 1),
                        "451 4.7.1 try later",
                        false));
    }

    /// A report on its way to a sender.
    public static Envelope bounce(String evpid) {
        return new Envelope(
                EvpId.parse(evpid),
                new Envelope.Origin(
                        "",
                        "mx.example.org",
                        "localhost",
                        "localhost",
                        "local",
                        "",
                        new Envelope.OriginFlags(false, true, false)),
                MailAddr.NULL,
                new MailAddr("a|b\u001b[1m", "example.org"),
                MailAddr.of("alice@example.org"),
                new Envelope.Target.Bounce(Envelope.BounceKind.FAILED, Duration.ZERO),
                Dsn.NONE,
                CREATED,
                Duration.ofDays(4),
                Envelope.State.NEW);
    }
}
