package smtpd.lka.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.List;

class TableTextTest {
    private static Entries parse(String text) throws TableText.Malformed {
        return TableText.parse(text);
    }

    @Test
    void loneKeysMakeAList() throws TableText.Malformed {
        Entries entries = parse("# who\n\nExample.org\r\n  *.example.com  \n");
        assertFalse(entries.isMapping());
        assertEquals(List.of("Example.org", "*.example.com"), List.copyOf(entries.inTurn()));
        assertEquals(List.of("example.org", "*.example.com"), List.copyOf(entries.keys()));
    }

    @Test
    void blanksAndColonsSeparateKeyAndValue() throws TableText.Malformed {
        Entries entries =
                parse("root: bob\nAl\tb, c\nx   y\nz : w\n[::1]: mx.example.org\nv6 ::1\n");
        assertTrue(entries.isMapping());
        assertEquals(new Answer.Found("bob"), entries.exact("ROOT"));
        assertEquals(new Answer.Found("b, c"), entries.exact("al"));
        assertEquals(new Answer.Found("y"), entries.exact("x"));
        assertEquals(new Answer.Found("w"), entries.exact("z"));
        assertEquals(new Answer.Found("mx.example.org"), entries.network("::1"));
        assertEquals(new Answer.Found("::1"), entries.exact("v6"));
    }

    @Test
    void markMakesAListOfAnything() throws TableText.Malformed {
        Entries entries = parse("#  @list\n2001:db8::/32\n192.0.2.0/24\n");
        assertFalse(entries.isMapping());
        assertEquals(new Answer.Found("2001:db8::/32"), entries.network("2001:db8::5"));
    }

    @Test
    void laterKeyReplaces() throws TableText.Malformed {
        assertEquals(new Answer.Found("c"), parse("a b\nA c\n").exact("a"));
    }

    @Test
    void keyWithoutValueIsMalformed() {
        TableText.Malformed e =
                assertThrows(TableText.Malformed.class, () -> parse("a b\n# x\nc\n"));
        assertEquals("line 3: a key without a value", e.getMessage());
    }

    @Test
    void openBracketIsMalformed() {
        assertThrows(TableText.Malformed.class, () -> parse("[::1 x\n"));
    }
}
