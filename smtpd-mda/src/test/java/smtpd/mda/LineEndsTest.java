package smtpd.mda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

final class LineEndsTest {
    private static String through(
            Function<ByteArrayOutputStream, LfOutput> maker, int piece, String text)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        LfOutput out = maker.apply(bytes);
        byte[] in = text.getBytes(StandardCharsets.ISO_8859_1);
        for (int at = 0; at < in.length; at += piece) {
            out.write(in, at, Math.min(piece, in.length - at));
        }
        out.end();
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    @Test
    void crlfBecomesLfAndALoneCrStays() throws IOException {
        for (int piece = 1; piece < 12; piece++) {
            assertEquals("a\n\rb\r\nc\r", through(LfOutput::new, piece, "a\r\n\rb\r\r\nc\r"));
        }
    }

    @Test
    void moreThanABufferComesOutWhole() throws IOException {
        String line = "0123456789".repeat(7) + "\r\n";
        assertEquals(
                line.repeat(1000).replace("\r\n", "\n"),
                through(LfOutput::new, 1500, line.repeat(1000)));
    }

    @Test
    void linesThatBeginWithFromAreQuotedInAnMbox() throws IOException {
        for (int piece = 1; piece < 40; piece++) {
            assertEquals(
                    "From: a\n\n>From me\nFro\nFrom\nx From y\n>From \n\n",
                    through(
                            MboxOutput::new,
                            piece,
                            "From: a\r\n\r\nFrom me\r\nFro\r\nFrom\r\nx From y\r\nFrom \r\n"));
        }
    }

    @Test
    void anMboxMessageEndsWithAnEmptyLineWhateverItsLastLine() throws IOException {
        assertEquals("a\n\n", through(MboxOutput::new, 1, "a\r\n"));
        assertEquals("a\n\n", through(MboxOutput::new, 1, "a"));
        assertEquals("Fro\n\n", through(MboxOutput::new, 2, "Fro"));
        assertEquals("a\r\n\n", through(MboxOutput::new, 1, "a\r"));
    }
}
