package smtpd.core.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.gen.Gen;
import smtpd.core.mail.Esc;
import smtpd.core.mail.Outcome;
import smtpd.core.smtp.LineReader.LineEnds;
import smtpd.core.smtp.ReplyReader.Result;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

class ReplyTest {
    private static ReplyReader reader(String wire) {
        byte[] bytes = wire.getBytes(StandardCharsets.ISO_8859_1);
        return new ReplyReader(
                new LineReader(new ByteArrayInputStream(bytes), LineEnds.CRLF_OR_LF));
    }

    private static Result read(String wire) {
        try {
            return reader(wire).read();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Reply complete(String wire) {
        return assertInstanceOf(Result.Complete.class, read(wire), wire).reply();
    }

    private static String broken(String wire) {
        return assertInstanceOf(Result.Broken.class, read(wire), wire).reason();
    }

    @Test
    void wireRepeatsTheEnhancedCode() {
        Reply reply = Reply.esc(250, "2.1.5", "one", "two");
        assertEquals(
                "250-2.1.5 one\r\n250 2.1.5 two\r\n",
                new String(reply.wire(), StandardCharsets.US_ASCII));
        assertEquals("250 2.1.5 one two", reply.line());
    }

    @Test
    @DisplayName("F-84 no text can become a second reply")
    void textCannotEndALine() {
        Reply reply = Reply.of(550, "no\r\n250 yes\u001b[2J");
        assertEquals(
                "550 no\\r\\n250 yes\\x1b[2J\r\n",
                new String(reply.wire(), StandardCharsets.US_ASCII));
    }

    @Test
    void codesAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> Reply.of(199, "x"));
        assertThrows(IllegalArgumentException.class, () -> Reply.of(600, "x"));
        assertThrows(IllegalArgumentException.class, () -> Reply.esc(550, "4.0.0", "x"));
        assertThrows(IllegalArgumentException.class, () -> Reply.of(250));
    }

    @Test
    void textOfFiltersAndTables() {
        assertEquals(Optional.of(Reply.esc(550, "5.1.1", "gone")), Reply.parse("550 5.1.1 gone"));
        assertEquals(Optional.of(Reply.of(450, "later")), Reply.parse("450 later"));
        assertEquals(Optional.of(Reply.of(421, "")), Reply.parse("421"));
        for (String text : List.of("", "55", "hello", "5500 x", "999 x", "550-x", "099 x")) {
            assertEquals(Optional.empty(), Reply.parse(text), text);
        }
    }

    @Test
    void outcomeByTheFirstDigit() {
        assertEquals(Outcome.OK, Reply.of(250, "x").outcome());
        assertEquals(Outcome.TEMPFAIL, Reply.of(354, "x").outcome());
        assertEquals(Outcome.TEMPFAIL, Reply.of(451, "x").outcome());
        assertEquals(Outcome.PERMFAIL, Reply.of(550, "x").outcome());
        assertEquals(new Esc(5, 0, 0), Reply.of(550, "x").status());
    }

    @Test
    void multiLineReplies() throws IOException {
        ReplyReader reader = reader("250-a\r\n250-\r\n250 c\r\n221 2.0.0 Bye\r\n");
        assertEquals(
                new Result.Complete(new Reply(250, null, List.of("a", "", "c"))), reader.read());
        assertEquals(new Result.Complete(Reply.esc(221, "2.0.0", "Bye")), reader.read());
        assertEquals(new Result.Closed(), reader.read());
    }

    @Test
    @DisplayName("F-55 odd but clear replies are taken")
    void oddReplies() {
        assertEquals(Reply.of(250, ""), complete("250\r\n"));
        assertEquals(Reply.esc(550, "5.7.2", ""), complete("550 5.7.2\r\n"));
        assertEquals(Reply.of(550, "2.0.0 x"), complete("550 2.0.0 x\r\n"));
        assertEquals(Reply.of(250, "ok"), complete("250 ok\n"));
        assertEquals(Reply.of(550, "caf\\xe9"), complete("550 caf\u00e9\r\n"));
        assertEquals(Reply.of(550, "a\\x00\\x1b[1m"), complete("550 a\0\u001b[1m\r\n"));
    }

    @Test
    @DisplayName("F-55 what is no reply is broken, within bounds")
    void brokenReplies() {
        assertTrue(broken("250-a\r\n251 b\r\n").startsWith("codes differ"));
        assertTrue(broken("250ok\r\n").startsWith("no blank"));
        assertTrue(broken("999 ok\r\n").startsWith("not a reply code"));
        assertTrue(broken("hello\r\n").startsWith("not a reply code"));
        assertTrue(broken("\r\n").startsWith("not a reply code"));
        assertTrue(broken("250-a\r\n").startsWith("connection closed"));
        assertTrue(broken("25").startsWith("connection closed"));
        assertTrue(broken("250 a\rb\r\n").startsWith("bare CR"));
        assertTrue(broken("250 " + "x".repeat(1 << 20) + "\r\n").startsWith("reply line longer"));
        assertTrue(broken("250-x\r\n".repeat(101)).startsWith("more than 100 lines"));
        assertEquals(
                Reply.of(250, "x").code(), complete("250-x\r\n".repeat(99) + "250 x\r\n").code());
    }

    @Test
    @DisplayName("F-55 any bytes are a reply, broken or the end")
    void anyBytes() {
        List<String> words =
                List.of("250", "-", " ", "\r\n", "\n", "5.1.1", "x", "é", "\0", "9", "\r");
        Gen.forAll(
                3000,
                gen -> {
                    String wire = gen.run(words, 12);
                    if (read(wire) instanceof Result.Complete complete) {
                        String line = complete.reply().line();
                        assertTrue(line.chars().noneMatch(c -> c < ' '), wire);
                    }
                });
    }
}
