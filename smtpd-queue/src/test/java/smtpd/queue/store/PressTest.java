package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.Zstd;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import smtpd.core.conf.Compression;
import smtpd.core.mail.Bytes;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;

/// Every way to compress, and back.
class PressTest {
    private static final int MOST = 300_000;
    private static final String LINE =
            "It is a long way to the other server, and it is closed.\r\n";

    private final SplittableRandom random = new SplittableRandom(1);

    /// Lines with something in between that does not compress.
    private byte[] content(int length) {
        byte[] content = LINE.repeat(length / LINE.length() + 1).getBytes(UTF_8);
        byte[] noise = new byte[length / 3];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, content, length / 4, noise.length);
        return Arrays.copyOf(content, length);
    }

    private byte[] pressed(Compression compression, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Press press = Press.of(compression, out::write);
        for (int at = 0; at < content.length; ) {
            int n = Math.min(content.length - at, 1 + random.nextInt(MOST / 4));
            press.put(content, at, n);
            at += n;
        }
        press.end();
        return out.toByteArray();
    }

    private byte[] grown(Decompressor decompressor, byte[] pressed) throws CorruptException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < pressed.length; ) {
            int n = Math.min(pressed.length - at, 1 + random.nextInt(MOST / 4));
            decompressor.put(Bytes.of(pressed, at, n));
            at += n;
            for (byte[] next = decompressor.next(); next != null; next = decompressor.next()) {
                assertTrue(next.length > 0 && next.length <= 32 * 1024, "" + next.length);
                out.writeBytes(next);
            }
        }
        return out.toByteArray();
    }

    private byte[] grown(Compression compression, byte[] pressed) throws CorruptException {
        try (Decompressor decompressor = Decompressor.of(compression)) {
            byte[] grown = grown(decompressor, pressed);
            assertTrue(decompressor.ended());
            return grown;
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void whatIsPressedComesBack(Compression compression) throws Exception {
        for (int length : new int[] {0, 1, 100, 16 * 1024, 32 * 1024, 32 * 1024 + 1, MOST}) {
            byte[] content = content(length);
            byte[] pressed = pressed(compression, content);
            assertTrue(length < MOST || pressed.length < length, "nothing gained");
            assertArrayEquals(content, grown(compression, pressed));
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aPressThatWasGivenUpLeavesNothingToTheNext(Compression compression) throws Exception {
        byte[] content = content(MOST);
        byte[] first = pressed(compression, content);
        Press given = Press.of(compression, (_, _, _) -> {});
        given.put(content, 7, MOST / 2);
        given.release();
        try (Decompressor half = Decompressor.of(compression)) {
            grown(half, Arrays.copyOf(first, first.length / 2));
            assertFalse(half.ended());
        }
        assertArrayEquals(content, grown(compression, pressed(compression, content)));
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void whatWasCutOrHasMoreBehindItIsNotWhole(Compression compression) throws Exception {
        byte[] pressed = pressed(compression, content(MOST));
        for (int length : new int[] {pressed.length - 1, pressed.length + 1}) {
            try (Decompressor decompressor = Decompressor.of(compression)) {
                grown(decompressor, Arrays.copyOf(pressed, length));
                assertFalse(decompressor.ended());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aFlippedByteIsDamageOrOtherContentButNeverAnotherError(Compression compression) {
        byte[] content = content(20_000);
        byte[] pressed = pressed(compression, content);
        int refused = 0;
        for (int at = 0; at < pressed.length; at += 7) {
            byte[] flipped = pressed.clone();
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            try (Decompressor decompressor = Decompressor.of(compression)) {
                grown(decompressor, flipped);
            } catch (CorruptException _) {
                refused++;
            }
        }
        assertTrue(refused > 0);
    }

    @Test
    void gzipIsReadByOthers() throws Exception {
        byte[] content = content(MOST);
        byte[] pressed = pressed(Compression.GZIP, content);
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(pressed))) {
            assertArrayEquals(content, in.readAllBytes());
        }
    }

    @Test
    void zstdIsReadByOthers() {
        byte[] content = content(MOST);
        byte[] out = new byte[MOST];
        long n = Zstd.decompress(out, pressed(Compression.ZSTD, content));
        assertEquals(MOST, n);
        assertArrayEquals(content, out);
    }

    @Test
    void aFrameThatAsksForMoreMemoryIsRefused() {
        byte[] large = pressed(Compression.ZSTD, content(MOST));
        large[5] = (byte) (17 << 3);
        try (Decompressor decompressor = Decompressor.of(Compression.ZSTD)) {
            assertThrows(CorruptException.class, () -> decompressor.put(Bytes.of(large)));
        }
    }
}
