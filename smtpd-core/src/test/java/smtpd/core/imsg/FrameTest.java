package smtpd.core.imsg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.MsgId;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

class FrameTest {
    private static FrameIn in(String hex) {
        return new FrameIn(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
    }

    @Test
    void theHeaderIsLengthTypeFlagsId() {
        FrameOut out = new FrameOut(1);
        Frame.encode(
                SmtpToQueue.CODEC,
                0x0102030405060708L,
                Frame.ANSWER,
                new SmtpToQueue.Rollback(new MsgId(0x11223344)),
                out);
        assertEquals(
                "00000004" + "0004" + "0001" + "0102030405060708" + "11223344",
                HexFormat.of().formatHex(out.toByteArray()));
    }

    @Test
    void aFrameBeyondTheLimitLeavesTheBufferAsItWas() {
        FrameOut out = new FrameOut(1);
        out.u8(7);
        SmtpToQueue tooLong =
                new SmtpToQueue.BodyPart(new MsgId(1), Bytes.of(new byte[Frame.PAYLOAD_MAX]));
        assertThrows(
                IllegalArgumentException.class,
                () -> Frame.encode(SmtpToQueue.CODEC, 1, 0, tooLong, out));
        assertArrayEquals(new byte[] {7}, out.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000001ff", // never in UTF-8
                "00000002c0af", // overlong
                "00000003eda080", // surrogate
                "00000001c3", // cut
                "00000004f4908080" // beyond Unicode
            })
    void badUtf8IsAViolation(String hex) {
        assertThrows(ImsgViolation.class, () -> in(hex).text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"7fffffff", "ffffffff", "80000000", "00000002aa", ""})
    void aLengthBeyondTheFrameIsAViolation(String hex) {
        assertThrows(ImsgViolation.class, () -> in(hex).bytes());
        assertThrows(ImsgViolation.class, () -> in(hex).text());
        assertThrows(ImsgViolation.class, () -> in(hex).list(FrameIn::i64));
    }

    @Test
    void aYesIsOneAndANoIsZero() {
        assertThrows(ImsgViolation.class, () -> in("02").bool());
    }

    @Test
    void aChoiceThatDoesNotExistIsAViolation() {
        assertThrows(ImsgViolation.class, () -> in("03").choice(DeliveryType.values()));
        assertEquals(DeliveryType.BOUNCE, in("02").choice(DeliveryType.values()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7fffffffffffffff", "8000000000000000", "0020000000000000"})
    void aTimeThatSumsCouldOverflowIsAViolation(String hex) {
        assertThrows(ImsgViolation.class, () -> in(hex).instant());
        assertThrows(ImsgViolation.class, () -> in(hex).duration());
    }

    @Test
    void anyTimeThatComesThroughCanBeAddedUp() {
        String last = "000fffffffffffff";
        Instant sum = in(last).instant().plus(in(last).duration()).plus(in(last).duration());
        assertEquals(3 * ((1L << 52) - 1), sum.toEpochMilli());
        assertEquals(Duration.ofMillis(-1), in("ffffffffffffffff").duration());
    }

    @Test
    void listsKeepTheirOrder() {
        FrameOut out = new FrameOut(1);
        out.texts(List.of("b", "a", ""));
        assertEquals(
                List.of("b", "a", ""), new FrameIn(ByteBuffer.wrap(out.toByteArray())).texts());
    }

    @Test
    void aPartOfALargerBufferIsReadInItsBounds() {
        ByteBuffer part = ByteBuffer.wrap(HexFormat.of().parseHex("ffff0000000161ffff"), 2, 5);
        FrameIn in = new FrameIn(part);
        assertEquals("a", in.text());
        in.end();
        assertThrows(ImsgViolation.class, in::u8);
    }
}
