package smtpd.mda;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Dispatcher;
import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.Origin;
import smtpd.core.mail.Envelope.OriginFlags;
import smtpd.core.mail.Envelope.State;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;

/// Values that the tests of this package share.
final class Samples {
    static final Instant NOW = Instant.parse("2026-03-05T10:20:30Z");
    static final MsgId MSGID = MsgId.parse("0badcafe");
    static final UserRecord USER = new UserRecord("gilles", 1000, 1000, "/home/gilles");
    static final String MESSAGE = "Subject: hello\r\n\r\nfirst\r\n.second\r\n";

    private Samples() {}

    static Dispatcher.Local action(String name, Dispatcher.Method method) {
        return new Dispatcher.Local(name, method, Dispatcher.Users.SYSTEM, "", Duration.ZERO);
    }

    static Dispatcher.Local maildir(String name) {
        return action(name, new Dispatcher.Method.Maildir("", false));
    }

    static Envelope envelope(int number, String action, String user) {
        return envelope(
                number,
                MailAddr.of("sender@example.org"),
                MailAddr.of(user + "@example.com"),
                new Target.Mda(action, user, "", ""));
    }

    static Envelope envelope(int number, MailAddr sender, MailAddr rcpt, Target.Mda target) {
        return new Envelope(
                MSGID.envelope(number),
                new Origin(
                        "", "mx.example.com", "client", "<unknown>", "local", "", OriginFlags.NONE),
                sender,
                rcpt,
                rcpt,
                target,
                Dsn.NONE,
                NOW.minusSeconds(65),
                Duration.ofDays(4),
                State.NEW);
    }

    static Letter letter(String text) throws IOException {
        return Letter.read(content(text));
    }

    /// A content that comes in one piece for each text.
    static Content content(String... pieces) {
        ArrayDeque<String> left = new ArrayDeque<>(List.of(pieces));
        return new Content() {
            @Override
            public @Nullable Bytes next() {
                String piece = left.poll();
                return piece == null ? null : Bytes.of(piece.getBytes(StandardCharsets.ISO_8859_1));
            }

            @Override
            public void close() {}
        };
    }

    /// A content that breaks off after its pieces.
    static Content broken(String... pieces) {
        Content whole = content(pieces);
        return new Content() {
            @Override
            public @Nullable Bytes next() throws IOException {
                Bytes piece = whole.next();
                if (piece == null) {
                    throw new IOException("content: queue died");
                }
                return piece;
            }

            @Override
            public void close() {}
        };
    }
}
