package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/// Made-up messages and envelopes for store tests.
final class Mails {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00.123456789Z");

    private Mails() {}

    static Envelope envelope(EvpId id, String rcpt) {
        return new Envelope(
                id,
                new Envelope.Origin(
                        "tag",
                        "mx.example.org",
                        "client.example.net",
                        "<unknown>",
                        "192.0.2.1",
                        "",
                        new Envelope.OriginFlags(true, false, true)),
                MailAddr.of("sender@example.net"),
                MailAddr.of(rcpt),
                MailAddr.of(rcpt),
                new Envelope.Target.Mta("outbound"),
                Dsn.NONE,
                NOON,
                Duration.ofDays(4),
                Envelope.State.NEW);
    }

    static Envelope bounce(EvpId id) {
        Envelope e = envelope(id, "rcpt@example.org");
        return new Envelope(
                id,
                e.origin(),
                e.sender(),
                e.rcpt(),
                e.dest(),
                new Envelope.Target.Bounce(
                        Envelope.BounceKind.DELAYED,
                        Duration.ofHours(4),
                        new Envelope.Story(
                                Envelope.Cause.LOCAL, "mx.example", NOON, Instant.EPOCH)),
                e.dsn(),
                e.created(),
                e.ttl(),
                tried(1));
    }

    static Envelope.State tried(int times) {
        return new Envelope.State(
                times,
                NOON.plusSeconds(60L * times),
                Instant.EPOCH,
                new Esc(4, 4, 1),
                "451 4.4.1 not now, attempt " + times,
                false);
    }

    static byte[] bytes(int size, RandomGenerator random) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    static StoreTx.Commit commit(MsgId id, byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return new StoreTx.Commit(id, content.length, (int) crc.getValue());
    }

    static List<Bytes> chunks(byte[] content, int size) {
        List<Bytes> chunks = new ArrayList<>();
        for (int at = 0; at < content.length; at += size) {
            chunks.add(Bytes.of(content, at, Math.min(size, content.length - at)));
        }
        return chunks;
    }

    /// What can be read of a message, or empty when it does not exist.
    static Optional<byte[]> read(Store store, MsgId id) {
        Optional<Content> content = store.content(id);
        if (content.isEmpty()) {
            return Optional.empty();
        }
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        try (Content reader = content.get()) {
            while (true) {
                switch (reader.next()) {
                    case Piece.Chunk(Bytes bytes) ->
                            out.write(bytes.array(), bytes.offset(), bytes.length());
                    case Piece.End _ -> {
                        return Optional.of(out.toByteArray());
                    }
                    case Refused refused -> throw new AssertionError(refused.text());
                }
            }
        }
    }

    private static final AtomicLong STARTS = new AtomicLong();

    /// Keys and nonces, never the same twice in one run of the tests.
    static RandomGenerator secret() {
        return new SplittableRandom(STARTS.incrementAndGet());
    }

    /// Takes what a store tells; nobody tampered with it.
    static void asWeLeftIt(StoreNotice notice) {
        if (notice.severity() == StoreNotice.Severity.ALARM && notice.text().contains("left it")) {
            throw new AssertionError(notice.text());
        }
    }

    /// Whether a message is there as it was; what is not must not look like it.
    static boolean served(Store store, Envelope envelope, byte[] content) {
        if (!(store.load(envelope.id()) instanceof Loaded.Found(Envelope found))) {
            return false;
        }
        assertEquals(envelope, found);
        java.io.ByteArrayOutputStream got = new java.io.ByteArrayOutputStream();
        Optional<Content> reader = store.content(envelope.msgid());
        if (reader.isEmpty()) {
            return false;
        }
        try (Content in = reader.get()) {
            Piece piece = in.next();
            while (piece instanceof Piece.Chunk(Bytes bytes)) {
                got.writeBytes(bytes.toByteArray());
                piece = in.next();
            }
            if (piece instanceof Piece.End) {
                assertArrayEquals(content, got.toByteArray());
            }
            return piece instanceof Piece.End;
        }
    }
}
