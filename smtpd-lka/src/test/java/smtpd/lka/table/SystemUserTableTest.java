package smtpd.lka.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.TableService;
import smtpd.core.imsg.UserRecord;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

class SystemUserTableTest {
    private final List<String> asked = new ArrayList<>();
    private Instant now = Instant.EPOCH;
    private LookupAnswer next = LookupAnswer.FOUND;
    private final SystemUserTable table =
            new SystemUserTable(
                    name -> {
                        asked.add(name);
                        return new SystemUsers.Found(
                                next, new UserRecord(name, 1000, 100, "/home/" + name));
                    },
                    () -> now);

    private Answer ask(String name) {
        return table.lookup(TableService.USERINFO, name);
    }

    @Test
    void answersAreRememberedForAWhile() {
        assertEquals(new Answer.Found("1000:100:/home/bob"), ask("Bob"));
        assertEquals(new Answer.Found("1000:100:/home/bob"), ask("bob"));
        assertEquals(List.of("bob"), asked);
        now = now.plus(SystemUserTable.KEPT);
        assertInstanceOf(Answer.Found.class, ask("bob"));
        assertEquals(List.of("bob", "bob"), asked);
    }

    @Test
    void noIsRememberedToo() {
        next = LookupAnswer.NOT_FOUND;
        assertEquals(Answer.NOT_FOUND, ask("eve"));
        assertEquals(Answer.NOT_FOUND, ask("eve"));
        assertEquals(1, asked.size());
    }

    @Test
    @DisplayName("F-78 not now is never remembered and never no")
    void notNowIsNotRemembered() {
        next = LookupAnswer.TEMPFAIL;
        assertInstanceOf(Answer.Tempfail.class, ask("bob"));
        next = LookupAnswer.FOUND;
        assertInstanceOf(Answer.Found.class, ask("bob"));
    }

    @Test
    @DisplayName("F-78 remembered answers are bounded")
    void rememberedAnswersAreBounded() {
        next = LookupAnswer.NOT_FOUND;
        for (int i = 0; i <= SystemUserTable.KEPT_MAX; i++) {
            assertEquals(Answer.NOT_FOUND, ask("u" + i));
        }
        asked.clear();
        assertEquals(Answer.NOT_FOUND, ask("u0"));
        assertEquals(List.of("u0"), asked);
        now = now.plus(Duration.ofSeconds(1));
        assertEquals(Answer.NOT_FOUND, ask("u0"));
        assertEquals(1, asked.size());
    }

    @Test
    void updateForgets() {
        assertInstanceOf(Answer.Found.class, ask("bob"));
        assertInstanceOf(Table.Update.Updated.class, table.update());
        assertInstanceOf(Answer.Found.class, ask("bob"));
        assertEquals(2, asked.size());
    }

    @Test
    void userLinesAreCheckedWhole() {
        assertEquals(
                new UserRecord("x", 5, 6, "/h:y"), UserLine.parse("x", "5:6:/h:y").orElseThrow());
        for (String bad : List.of("", "5", "5:6", "a:6:/h", "5:-1:/h", "4294967295:1:/h")) {
            assertEquals(true, UserLine.parse("x", bad).isEmpty(), bad);
        }
    }
}
