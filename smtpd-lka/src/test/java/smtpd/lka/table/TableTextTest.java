package smtpd.lka.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.imsg.TableService;
import smtpd.core.table.TableText;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

class TableTextTest {
    private static Entries parse(String text) throws TableText.Malformed, IOException {
        return Entries.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static Answer exact(Entries entries, String key) throws IOException {
        return entries.exact(key);
    }

    private static Answer network(Entries entries, String key) {
        return entries.answer(TableService.NETADDR, key, '+');
    }

    @Test
    void loneKeysMakeAList() throws TableText.Malformed, IOException {
        Entries entries = parse("# who\n\nExample.org\r\n  *.example.com  \n");
        assertFalse(entries.isMapping());
        assertEquals(new Answer.Found("Example.org"), entries.next());
        assertEquals(new Answer.Found("*.example.com"), entries.next());
        assertEquals(new Answer.Found("Example.org"), exact(entries, "example.ORG"));
    }

    @Test
    void blanksAndColonsSeparateKeyAndValue() throws TableText.Malformed, IOException {
        Entries entries =
                parse("root: bob\nAl\tb, c\nx   y\nz : w\n[::1]: mx.example.org\nv6 ::1\n");
        assertTrue(entries.isMapping());
        assertEquals(new Answer.Found("bob"), exact(entries, "ROOT"));
        assertEquals(new Answer.Found("b, c"), exact(entries, "al"));
        assertEquals(new Answer.Found("y"), exact(entries, "x"));
        assertEquals(new Answer.Found("w"), exact(entries, "z"));
        assertEquals(new Answer.Found("mx.example.org"), network(entries, "::1"));
        assertEquals(new Answer.Found("::1"), exact(entries, "v6"));
    }

    @Test
    void markMakesAListOfAnything() throws TableText.Malformed, IOException {
        Entries entries = parse("#  @list\n2001:db8::/32\n192.0.2.0/24\n");
        assertFalse(entries.isMapping());
        assertEquals(new Answer.Found("2001:db8::/32"), network(entries, "2001:db8::5"));
    }

    @Test
    void laterKeyReplaces() throws TableText.Malformed, IOException {
        assertEquals(new Answer.Found("c"), parse("a b\nA c\n").exact("a"));
    }

    @Test
    void keyWithoutValueIsMalformed() {
        TableText.Malformed e =
                assertThrows(TableText.Malformed.class, () -> parse("a b\n# x\nc\n"));
        assertEquals("line 3: key without a value", e.getMessage());
    }

    @Test
    void valueWithoutKeyIsMalformed() {
        TableText.Malformed e = assertThrows(TableText.Malformed.class, () -> parse("a b\n: c\n"));
        assertEquals("line 2: no key before the value", e.getMessage());
    }

    @Test
    void endlessLineIsMalformed() {
        String line = "k " + "v".repeat(TableText.LINE_MAX);
        assertThrows(TableText.Malformed.class, () -> parse(line));
    }

    @Test
    void linesMayEndInCrLfOrNotAtAll() throws TableText.Malformed, IOException {
        Entries entries = parse("a b\r\n\r\nc d");
        assertEquals(new Answer.Found("b"), exact(entries, "a"));
        assertEquals(new Answer.Found("d"), exact(entries, "c"));
        assertEquals(2, entries.size());
    }

    @Test
    void valueThatEndsWithACommaGoesOn() throws TableText.Malformed, IOException {
        Entries entries = parse("list: a,\n\tb,\n  c\n  d: e\n");
        assertEquals(new Answer.Found("a, b, c"), exact(entries, "list"));
        assertEquals(new Answer.Found("e"), exact(entries, "d"));
    }

    @Test
    void openBracketIsMalformed() {
        assertThrows(TableText.Malformed.class, () -> parse("[::1 x\n"));
    }
}
