package smtpd.mta;

import smtpd.core.conf.Dispatcher;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// Values that tests need and do not care about.
final class Samples {
    static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    static final Envelope.Origin ORIGIN =
            new Envelope.Origin(
                    "", "mx.example.org", "h", "<unknown>", "local", "", Envelope.OriginFlags.NONE);

    private Samples() {}

    static Envelope envelope(int msgid, int low, String rcpt) {
        return envelope(msgid, low, rcpt, Dsn.NONE);
    }

    static Envelope envelope(int msgid, int low, String rcpt, Dsn dsn) {
        MailAddr dest = MailAddr.of(rcpt);
        return new Envelope(
                new MsgId(msgid).envelope(low),
                ORIGIN,
                MailAddr.of("sender@example.org"),
                dest,
                dest,
                new Envelope.Target.Mta("relay"),
                dsn,
                NOW,
                Duration.ofDays(4),
                Envelope.State.NEW);
    }

    static Task task(int msgid, String... rcpts) {
        List<Envelope> envelopes = new ArrayList<>();
        for (String rcpt : rcpts) {
            envelopes.add(envelope(msgid, envelopes.size() + 1, rcpt));
        }
        return new Task(new MsgId(msgid), 20, envelopes.getFirst().sender(), envelopes, 0);
    }

    static Dispatcher.Remote action(Dispatcher.Target target, Dispatcher.TlsPolicy tls) {
        return new Dispatcher.Remote(
                "relay",
                target,
                Dispatcher.Identity.DEFAULT,
                new Dispatcher.RelayTls(tls, "", "", "", ""),
                "",
                Duration.ZERO);
    }

    static Dispatcher.Remote mxAction() {
        return action(new Dispatcher.Target.Mx(), Dispatcher.TlsPolicy.OPPORTUNISTIC);
    }

    /// Content without end.
    ///
    /// @param asked told each time a piece is asked for
    static ContentSource endless(Runnable asked) {
        return msgid ->
                new ContentSource.Content() {
                    @Override
                    public Bytes next() {
                        asked.run();
                        return Bytes.of("0123456789abcde\r\n".repeat(4000));
                    }

                    @Override
                    public void close() {}
                };
    }

    /// Content in the given pieces, for any message.
    static ContentSource content(String... pieces) {
        return msgid -> {
            Iterator<String> each = List.of(pieces).iterator();
            return new ContentSource.Content() {
                @Override
                public @org.jspecify.annotations.Nullable Bytes next() {
                    return each.hasNext() ? Bytes.of(each.next()) : null;
                }

                @Override
                public void close() {}
            };
        };
    }
}
