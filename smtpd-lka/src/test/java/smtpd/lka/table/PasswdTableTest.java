package smtpd.lka.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.imsg.TableService;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class PasswdTableTest {
    @TempDir Path dir;

    private Table table(String text) throws IOException {
        return new PasswdTable("t", '+', Files.writeString(dir.resolve("passwd"), text));
    }

    private static Answer yes(String value) {
        return new Answer.Found(value);
    }

    @Test
    void usersAndCredentials() throws IOException {
        Table table =
                table(
                        """
                        bob@example.org:$6$x$y:1000:100:Bob:/home/bob:/bin/sh

                        # Alice:
                        al:p:1:2::/h
                        """);
        assertEquals(
                yes("bob@example.org:$6$x$y"),
                table.lookup(TableService.CREDENTIALS, "Bob@example.org"));
        assertEquals(
                yes("1000:100:/home/bob"), table.lookup(TableService.USERINFO, "bob@example.org"));
        assertEquals(yes("1:2:/h"), table.lookup(TableService.USERINFO, "al"));
        assertEquals(Answer.NOT_FOUND, table.lookup(TableService.USERINFO, "alice"));
    }

    @Test
    void dovecotsExtraFieldsAndSchemes() throws IOException {
        Table table =
                table("bob:{BLF-CRYPT}$2y$05$abc:1000:100::/home/bob::userdb_mail=maildir:~/M\n");
        assertEquals(yes("bob:$2y$05$abc"), table.lookup(TableService.CREDENTIALS, "bob"));
        assertEquals(yes("1000:100:/home/bob"), table.lookup(TableService.USERINFO, "bob"));
    }

    @Test
    @DisplayName("F-78 an entry that is not enough for the question is not now")
    void incompleteEntryIsNotNow() throws IOException {
        Table table = table("bob:$6$x$y::::\nal::1:2::/home/al\n");
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.USERINFO, "bob"));
        assertEquals(yes("bob:$6$x$y"), table.lookup(TableService.CREDENTIALS, "bob"));
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.CREDENTIALS, "al"));
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.ALIAS, "al"));
    }

    @Test
    @DisplayName("F-78 a broken file leaves the old content and says which line")
    void brokenFileIsNotUsed() throws IOException {
        Table table = table("bob:x:1:2::/home/bob\n");
        Files.writeString(dir.resolve("passwd"), "bob:x:1:2::/other\nal:x\n");
        assertEquals(new Table.Update.Kept("line 2: fewer than 6 fields"), table.update());
        assertEquals(yes("1:2:/home/bob"), table.lookup(TableService.USERINFO, "bob"));
    }
}
