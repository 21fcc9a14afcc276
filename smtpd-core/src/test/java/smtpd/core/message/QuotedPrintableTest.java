package smtpd.core.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

class QuotedPrintableTest {
    private static String encoded(byte[] text, int piece) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        QuotedPrintable encoder = new QuotedPrintable(out::write);
        for (int at = 0; at < text.length; at += piece) {
            encoder.write(text, at, Math.min(piece, text.length - at));
        }
        encoder.finish();
        return out.toString(StandardCharsets.US_ASCII);
    }

    private static String encoded(String text) {
        return encoded(text.getBytes(StandardCharsets.UTF_8), 3);
    }

    /// Decodes strictly what the encoder writes.
    private static byte[] decoded(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '=') {
                out.write(c);
            } else if (text.startsWith("\r\n", i + 1)) {
                i += 2;
            } else {
                out.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
                i += 2;
            }
        }
        return out.toByteArray();
    }

    @Test
    void asciiStaysAsItIsButTheEqualsSign() {
        assertEquals("a b=3Dc\r\nd\r\n", encoded("a b=c\r\nd\r\n"));
    }

    @Test
    void eightBitIsCoded() {
        assertEquals("J=C3=BCrgen", encoded("Jürgen"));
    }

    @Test
    void aBlankAtTheEndOfALineIsCoded() {
        assertEquals("a=20\r\nb=09\r\nc=20", encoded("a \r\nb\t\r\nc "));
    }

    @Test
    void bareLineEndsAreCoded() {
        assertEquals("a=0Ab=0Dc=0D=0D", encoded("a\nb\rc\r\r"));
    }

    @Test
    void anythingComesBackAndNoLineIsLong() {
        SplittableRandom random = new SplittableRandom(4);
        for (int round = 0; round < 2000; round++) {
            byte[] text = new byte[random.nextInt(400)];
            random.nextBytes(text);
            for (int i = 0; i < text.length; i++) {
                if (random.nextInt(3) > 0) {
                    text[i] = (byte) " \t\r\n=.a".charAt(random.nextInt(7));
                }
            }
            String encoded = encoded(text, 1 + random.nextInt(50));
            assertArrayEquals(text, decoded(encoded));
            for (String line : encoded.split("\r\n", -1)) {
                assertTrue(line.length() <= 76, line);
                assertTrue(!line.endsWith(" ") && !line.endsWith("\t"), line);
            }
        }
    }
}
