package smtpd.core.smtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.gen.Gen;
import smtpd.core.mail.Bytes;
import smtpd.core.smtp.LineReader.LineEnds;
import smtpd.core.smtp.LineReader.Read;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

class LineReaderTest {
    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// A stream that gives a few bytes at a time.
    private static InputStream dripping(String text, Gen gen) {
        return new InputStream() {
            private final InputStream all = stream(text);

            @Override
            public int read() throws IOException {
                return all.read();
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return all.read(into, offset, Math.min(length, 1 + gen.below(5)));
            }
        };
    }

    private static Read line(String text) {
        return new Read.Line(Bytes.of(text));
    }

    @Test
    void crlfEndsALine() throws IOException {
        LineReader reader = new LineReader(stream("NOOP\r\n\r\nQUIT\r\n"));
        assertEquals(line("NOOP"), reader.readLine(10));
        assertTrue(reader.lineBuffered());
        assertEquals(8, reader.buffered());
        assertEquals(line(""), reader.readLine(10));
        assertEquals(line("QUIT"), reader.readLine(10));
        assertEquals(new Read.Eof(0), reader.readLine(10));
    }

    @Test
    @DisplayName("F-5 a bare LF or CR does not end a line")
    void bareEndsAreTold() throws IOException {
        LineReader reader = new LineReader(stream("NOOP\nQUIT\rRSET\r\r\nDATA\r\n"));
        assertEquals(new Read.BareLf(Bytes.of("NOOP")), reader.readLine(100));
        assertEquals(new Read.BareCr(Bytes.of("QUIT")), reader.readLine(100));
        assertEquals(new Read.BareCr(Bytes.of("RSET")), reader.readLine(100));
        assertEquals(line(""), reader.readLine(100));
        assertEquals(line("DATA"), reader.readLine(100));
    }

    @Test
    @DisplayName("F-5 a listener may take LF as a line end")
    void bareLfWhereAllowed() throws IOException {
        LineReader reader = new LineReader(stream("NOOP\nQUIT\r\n"), LineEnds.CRLF_OR_LF);
        assertEquals(line("NOOP"), reader.readLine(100));
        assertEquals(line("QUIT"), reader.readLine(100));
    }

    @Test
    @DisplayName("F-2 a line over the limit is discarded up to its end")
    void longLineIsSkipped() throws IOException {
        String fits = "a".repeat(LineReader.COMMAND_MAX);
        LineReader reader = new LineReader(stream(fits + "\r\n" + fits + "b\r\nQUIT\r\n"));
        assertEquals(line(fits), reader.readLine(LineReader.COMMAND_MAX));
        assertEquals(new Read.TooLong(true), reader.readLine(LineReader.COMMAND_MAX));
        assertEquals(line("QUIT"), reader.readLine(LineReader.COMMAND_MAX));
    }

    @Test
    @DisplayName("F-3 bytes without a line end are given up at a cap")
    void endlessLineIsGivenUp() throws IOException {
        long[] given = {0};
        InputStream endless =
                new InputStream() {
                    @Override
                    public int read() {
                        given[0]++;
                        return 'x';
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) {
                        java.util.Arrays.fill(into, offset, offset + length, (byte) 'x');
                        given[0] += length;
                        return length;
                    }
                };
        assertEquals(new Read.TooLong(false), new LineReader(endless).readLine(512));
        assertTrue(given[0] <= 2L * LineReader.DISCARD_MAX, "took " + given[0]);
    }

    @Test
    void unfinishedLineAtTheEnd() throws IOException {
        assertEquals(new Read.Eof(3), new LineReader(stream("NOO")).readLine(10));
        assertEquals(new Read.Eof(4), new LineReader(stream("NOO\r")).readLine(10));
    }

    @Test
    void rawBytesComeBufferedFirst() throws IOException {
        LineReader reader = new LineReader(stream("DATA\r\nabc\r\n.\r\nQUIT\r\n"));
        assertEquals(line("DATA"), reader.readLine(10));
        byte[] chunk = new byte[100];
        int count = reader.read(chunk, 0, chunk.length);
        assertEquals(
                "abc\r\n.\r\nQUIT\r\n", new String(chunk, 0, count, StandardCharsets.US_ASCII));
        reader.unread(chunk, 8, count - 8);
        assertEquals(6, reader.buffered());
        assertEquals(line("QUIT"), reader.readLine(10));
        assertEquals(-1, reader.read(chunk, 0, chunk.length));
    }

    @Test
    @DisplayName("F-44 what was buffered can be forgotten")
    void discardForgets() throws IOException {
        LineReader reader = new LineReader(stream("STARTTLS\r\nMAIL FROM:<>\r\n"));
        assertEquals(line("STARTTLS"), reader.readLine(10));
        assertEquals(14, reader.discardBuffered());
        assertEquals(0, reader.buffered());
        assertFalse(reader.lineBuffered());
    }

    @Test
    void piecesMakeNoDifference() {
        List<String> words = List.of("a", "\r", "\n", "\r\n", "bb\r\n", "0123456789", "\0");
        Gen.forAll(
                1500,
                gen -> {
                    String text = gen.run(words, 30);
                    assertEquals(all(stream(text)), all(dripping(text, gen)), text);
                });
    }

    private static List<Read> all(InputStream in) {
        LineReader reader = new LineReader(in);
        List<Read> reads = new ArrayList<>();
        try {
            while (reads.isEmpty() || !(reads.getLast() instanceof Read.Eof)) {
                reads.add(reader.readLine(25));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return reads;
    }

    @Test
    void unreadKeepsOrder() throws IOException {
        LineReader reader = new LineReader(stream("X\r\nsecond\r\n"));
        assertEquals(line("X"), reader.readLine(10));
        byte[] first = "first\r\n".getBytes(StandardCharsets.US_ASCII);
        reader.unread(first, 0, first.length);
        assertEquals(line("first"), reader.readLine(10));
        byte[] rest = new byte[8];
        assertEquals(8, reader.read(rest, 0, 8));
        assertArrayEquals("second\r\n".getBytes(StandardCharsets.US_ASCII), rest);
    }
}
