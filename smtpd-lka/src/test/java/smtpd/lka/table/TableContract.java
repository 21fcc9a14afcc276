package smtpd.lka.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.imsg.TableService;

import java.util.List;
import java.util.Map;

/// What every table does, whatever its source is.
public abstract class TableContract {
    private static final Map<String, String> PAIRS =
            Map.of(
                    "bob@example.org", "robert",
                    "label", "bob:secret",
                    "robert", "1000:100:/home/robert",
                    "192.0.2.1", "mx.example.org",
                    "alice", "alice@example.org, root@example.org");

    private static final List<String> NAMES =
            List.of("example.org", "192.0.2.1", "carol@example.net", "192.0.2.2");

    /// Makes its source one of keys and values.
    protected abstract void writePairs(Map<String, String> pairs) throws Exception;

    /// Makes its source a list.
    protected abstract void writeNames(List<String> names) throws Exception;

    /// Makes its source one that cannot be read.
    protected abstract void spoil() throws Exception;

    /// The table of that source.
    protected abstract Table open() throws Exception;

    private static Answer yes(String value) {
        return new Answer.Found(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ALIAS       | bob@example.org | robert",
                "CREDENTIALS | label           | bob:secret",
                "USERINFO    | robert          | 1000:100:/home/robert",
                "ADDRNAME    | 192.0.2.1       | mx.example.org",
                "MAILADDRMAP | alice           | alice@example.org, root@example.org",
            })
    void keysHaveValues(TableService service, String key, String value) throws Exception {
        writePairs(PAIRS);
        Table table = open();
        assertEquals("", table.trouble());
        assertEquals(yes(value), table.lookup(service, key));
        assertEquals(Answer.NOT_FOUND, table.lookup(service, "nobody"));
        assertInstanceOf(Answer.Found.class, table.check(service, key));
        assertEquals(Answer.NOT_FOUND, table.check(service, "nobody"));
    }

    @ParameterizedTest
    @CsvSource({
        "DOMAIN, example.org, example.net",
        "NETADDR, 192.0.2.1, 192.0.2.9",
        "MAILADDR, carol@example.net, dave@example.net",
    })
    void namesAreInListsOrNot(TableService service, String in, String out) throws Exception {
        writeNames(NAMES);
        Table table = open();
        assertInstanceOf(Answer.Found.class, table.lookup(service, in));
        assertEquals(Answer.NOT_FOUND, table.lookup(service, out));
        assertInstanceOf(Answer.Found.class, table.check(service, in));
        assertEquals(Answer.NOT_FOUND, table.check(service, out));
    }

    @Test
    void keysAreFolded() throws Exception {
        writePairs(PAIRS);
        assertEquals(yes("robert"), open().lookup(TableService.ALIAS, "Bob@EXAMPLE.org"));
    }

    @Test
    void sourcesAreTakenInTurn() throws Exception {
        writeNames(List.of("192.0.2.1", "192.0.2.2"));
        Table table = open();
        for (int i = 0; i < 2; i++) {
            assertEquals(yes("192.0.2.1"), table.fetch(TableService.SOURCE));
            assertEquals(yes("192.0.2.2"), table.fetch(TableService.SOURCE));
        }
    }

    @Test
    void emptyTableSaysNo() throws Exception {
        writeNames(List.of());
        Table table = open();
        assertEquals(Answer.NOT_FOUND, table.fetch(TableService.SOURCE));
        assertEquals(Answer.NOT_FOUND, table.lookup(TableService.DOMAIN, "example.org"));
    }

    @Test
    void updateReplacesTheContent() throws Exception {
        writePairs(PAIRS);
        Table table = open();
        assertEquals(yes("robert"), table.lookup(TableService.ALIAS, "bob@example.org"));
        writePairs(Map.of("bob@example.org", "bertie"));
        assertInstanceOf(Table.Update.Updated.class, table.update());
        assertEquals(yes("bertie"), table.lookup(TableService.ALIAS, "bob@example.org"));
        assertEquals(Answer.NOT_FOUND, table.lookup(TableService.USERINFO, "robert"));
    }

    @Test
    @DisplayName("a source that cannot be read is never a \"no\"")
    void spoiledSourceIsNeverNo() throws Exception {
        writePairs(PAIRS);
        Table table = open();
        assertEquals(yes("robert"), table.lookup(TableService.ALIAS, "bob@example.org"));
        spoil();
        assertInstanceOf(Table.Update.Kept.class, table.update());
        assertNotEquals(Answer.NOT_FOUND, table.lookup(TableService.ALIAS, "bob@example.org"));
    }

    @Test
    void sourceThatNeverWasIsNotNow() throws Exception {
        spoil();
        Table table = open();
        assertInstanceOf(
                Answer.Tempfail.class, table.lookup(TableService.ALIAS, "bob@example.org"));
        assertInstanceOf(Answer.Tempfail.class, table.fetch(TableService.SOURCE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x' OR '1'='1",
                "x'; DROP TABLE pair; --",
                "\" OR 1",
                "%",
                "*",
                "?",
                "",
                " ",
                "|",
                "a|found|x",
                "\t",
                "\u0001\u007f\u0085",
                "\ud800",
                "../../etc/passwd",
                "a\nlookup-result|1|found|x",
                "a\r\nb",
                "nul\0byte",
            })
    void hostileKeysFindNothingAndHarmNothing(String key) throws Exception {
        writePairs(PAIRS);
        Table table = open();
        for (TableService service : List.of(TableService.ALIAS, TableService.CREDENTIALS)) {
            assertFalse(table.lookup(service, key) instanceof Answer.Found, key);
            assertFalse(table.lookup(service, key.repeat(10)) instanceof Answer.Found, key);
        }
        assertEquals(yes("robert"), table.lookup(TableService.ALIAS, "bob@example.org"));
        assertEquals(yes("bob:secret"), table.lookup(TableService.CREDENTIALS, "label"));
    }
}
