package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

class EnvelopeCodecTest {
    private static final EvpId ID = new EvpId(0x1234567800000001L);

    private static byte[] bytes(Envelope envelope) {
        GrowBuffer out = new GrowBuffer(16);
        EnvelopeCodec.write(envelope, out);
        byte[] bytes = new byte[out.position()];
        out.written().get(bytes);
        return bytes;
    }

    private static List<Envelope> examples() {
        Envelope mta = Mails.envelope(ID, "rcpt@example.org");
        Envelope mda =
                new Envelope(
                        ID,
                        new Envelope.Origin(
                                "", "h", "", "", "local", "joe", Envelope.OriginFlags.NONE),
                        MailAddr.NULL,
                        new MailAddr("\"a b\"", "example.org"),
                        new MailAddr("jürgen", ""),
                        new Envelope.Target.Mda("local", "joe", "|/bin/cat", "tag"),
                        new Dsn(
                                Set.of(Dsn.Notify.SUCCESS, Dsn.Notify.DELAY),
                                Dsn.Ret.HDRS,
                                "QQ",
                                "rfc822;x@y"),
                        Instant.ofEpochSecond(1, 999_999_999),
                        Duration.ofDays(4),
                        new Envelope.State(
                                3,
                                Instant.ofEpochSecond(-5),
                                Instant.EPOCH,
                                new Esc(5, 1, 1),
                                "550 no \u0001 such",
                                true));
        Envelope extended = mta.with(mta.state().extended(Duration.ofHours(7)));
        return List.of(mta, mda, Mails.bounce(ID), utf8(mta), extended);
    }

    private static Envelope utf8(Envelope e) {
        return new Envelope(
                ID,
                new Envelope.Origin(
                        "in",
                        "mx.example",
                        "c.example",
                        "<unknown>",
                        "192.0.2.1",
                        "",
                        new Envelope.OriginFlags(false, false, false, true)),
                new MailAddr("jürgen", "münchen.example"),
                new MailAddr("用户", "例え.jp"),
                new MailAddr("用户", "例え.jp"),
                e.target(),
                new Dsn(Set.of(), Dsn.Ret.UNSPECIFIED, "", "utf-8;用户@例え.jp"),
                e.created(),
                e.ttl(),
                e.state());
    }

    @Test
    void everyEnvelopeReadsBackEqual() throws Exception {
        for (Envelope envelope : examples()) {
            assertEquals(envelope, EnvelopeCodec.read(ID, ByteBuffer.wrap(bytes(envelope))));
        }
        for (Envelope.BounceKind kind : Envelope.BounceKind.values()) {
            Envelope e = examples().getFirst();
            Envelope bounce =
                    new Envelope(
                            ID,
                            e.origin(),
                            e.sender(),
                            e.rcpt(),
                            e.dest(),
                            new Envelope.Target.Bounce(kind, Duration.ofSeconds(7, 8)),
                            e.dsn(),
                            e.created(),
                            e.ttl(),
                            e.state());
            assertEquals(bounce, EnvelopeCodec.read(ID, ByteBuffer.wrap(bytes(bounce))));
        }
    }

    @Test
    void formatIsTheGoldenOne() {
        assertEquals(GOLDEN, HexFormat.of().formatHex(bytes(examples().get(1))));
    }

    private static final String GOLDEN =
            "0100000001680000000000056c6f63616c00036a6f65000000000000052261206222000b6578616d"
                + "706c652e6f726700076ac3bc7267656e00000100056c6f63616c00036a6f6500097c2f62696e2f63"
                + "617400037461670a0300025151000a7266633832323b78407900000000000000013b9ac9ff000000"
                + "0000054600000000000100000003fffffffffffffffb000000000000000000000000000000000500"
                + "010001000d353530206e6f2001207375636801";

    @Test
    @DisplayName("F-80: a bounce written before reports had a story is read")
    void aBounceWithoutStoryIsRead() throws Exception {
        Envelope bounce = Mails.bounce(ID);
        byte[] bytes = bytes(bounce);
        int target = HexFormat.of().formatHex(bytes).indexOf("0402000000000000384000000000") / 2;
        int story = target + 14;
        int behind = story + 1 + 2 + "mx.example".length() + 12 + 12;
        byte[] plain = Arrays.copyOf(bytes, bytes.length - (behind - story));
        plain[target] = 3;
        System.arraycopy(bytes, behind, plain, story, bytes.length - behind);
        Envelope.Target.Bounce read =
                assertInstanceOf(
                        Envelope.Target.Bounce.class,
                        EnvelopeCodec.read(ID, ByteBuffer.wrap(plain)).target());
        assertEquals(
                new Envelope.Target.Bounce(Envelope.BounceKind.DELAYED, Duration.ofHours(4)), read);
    }

    @Test
    void everyCutAndEveryExtraByteIsRefused() {
        for (Envelope envelope : examples()) {
            byte[] bytes = bytes(envelope);
            for (int n = 0; n < bytes.length; n++) {
                ByteBuffer cut = ByteBuffer.wrap(bytes, 0, n).slice();
                assertThrows(CorruptException.class, () -> EnvelopeCodec.read(ID, cut));
            }
            ByteBuffer longer = ByteBuffer.wrap(Arrays.copyOf(bytes, bytes.length + 1));
            assertThrows(CorruptException.class, () -> EnvelopeCodec.read(ID, longer));
        }
    }

    @Test
    void randomBytesNeverThrowAnythingElse() {
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = bytes(examples().get(i % 3));
            for (int n = random.nextInt(4); n >= 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                EnvelopeCodec.read(ID, ByteBuffer.wrap(bytes));
            } catch (CorruptException _) {
                // the one permitted answer
            }
        }
    }

    @Test
    void overlongTextIsRefusedWhenWritten() {
        Envelope envelope =
                Mails.envelope(ID, "a".repeat(EnvelopeCodec.TEXT_MAX + 1) + "@example.org");
        assertThrows(IllegalArgumentException.class, () -> bytes(envelope));
    }
}
