package smtpd.lka.table.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.imsg.TableService;
import smtpd.lka.table.proc.TableProtocol.Question;
import smtpd.lka.table.proc.TableProtocol.Reply;
import smtpd.lka.table.proc.TableProtocol.Said;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;

class TableProtocolTest {
    private static final Instant NOW = Instant.ofEpochSecond(1713795082L, 354_255_999);

    private static Reply reply(Question question, String line) {
        return TableProtocol.reply(
                question, assertInstanceOf(Said.Result.class, TableProtocol.parse(line)));
    }

    @Test
    void greetingAndQuestions() {
        assertEquals(
                """
                config|smtpd-version|7.8.0
                config|protocol|0.1
                config|tablename|t
                config|ready
                """,
                TableProtocol.greeting("t"));
        assertEquals(
                "table|0.1|1713795082.354255|t|lookup|alias|7|bob|x\n",
                TableProtocol.line(Question.LOOKUP, "t", TableService.ALIAS, 7, "bob|x", NOW));
        assertEquals(
                "table|0.1|1713795082.354255|t|check|netaddr|8|::1\n",
                TableProtocol.line(Question.CHECK, "t", TableService.NETADDR, 8, "::1", NOW));
        assertEquals(
                "table|0.1|1713795082.354255|t|fetch|source|9\n",
                TableProtocol.line(Question.FETCH, "t", TableService.SOURCE, 9, "", NOW));
        assertEquals(
                "table|0.1|1713795082.354255|t|update|10\n", TableProtocol.update("t", 10, NOW));
    }

    @ParameterizedTest
    @EnumSource(TableService.class)
    void everyServiceCanBeRegistered(TableService service) {
        assertEquals(
                new Said.Registered(service),
                TableProtocol.parse("register|" + service.name().toLowerCase(Locale.ROOT)));
    }

    @Test
    void results() {
        assertEquals(new Reply.Found("a, b"), reply(Question.LOOKUP, "lookup-result|1|found|a, b"));
        assertEquals(new Reply.Found("x|y"), reply(Question.LOOKUP, "lookup-result|1|found|x|y"));
        assertEquals(new Reply.NotFound(), reply(Question.LOOKUP, "lookup-result|1|not-found"));
        assertEquals(new Reply.Found(""), reply(Question.CHECK, "check-result|1|found"));
        assertEquals(new Reply.Found(""), reply(Question.CHECK, "check-result|1|found|v"));
        assertEquals(new Reply.NotFound(), reply(Question.CHECK, "check-result|1|not-found"));
        assertEquals(new Reply.Found("::1"), reply(Question.FETCH, "fetch-result|1|found|::1"));
        assertEquals(new Reply.Found("::1"), reply(Question.FETCH, "lookup-result|1|found|::1"));
        assertEquals(new Reply.Found(""), reply(Question.UPDATE, "update-result|1|ok"));
        assertEquals(
                new Reply.Failed("it says: no db"),
                reply(Question.UPDATE, "update-result|1|error|no db"));
    }

    @ParameterizedTest
    @EnumSource(Question.class)
    @DisplayName("F-78 an error is never no")
    void errorIsNotNow(Question question) {
        String word = question.name().toLowerCase(Locale.ROOT);
        assertInstanceOf(Reply.Failed.class, reply(question, word + "-result|1|error"));
        assertInstanceOf(Reply.Failed.class, reply(question, word + "-result|1|error|why"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lookup-result|1|found",
                "lookup-result|1|found|",
                "lookup-result|1|",
                "lookup-result|1|FOUND|x",
                "lookup-result|1|errors",
                "check-result|1|found",
                "fetch-result|1|found|x",
            })
    void otherAnswersToALookupAreNonsense(String line) {
        assertInstanceOf(Reply.Nonsense.class, reply(Question.LOOKUP, line));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "register",
                "register|",
                "register|nothing",
                "lookup-result",
                "lookup-result|1",
                "lookup-result||found|x",
                "lookup-result|-1|found|x",
                "lookup-result|1234567890123456789|found|x",
                "lookup-result|1x|found|x",
            })
    void otherLinesAreNonsense(String line) {
        assertInstanceOf(Said.Nonsense.class, TableProtocol.parse(line));
    }

    private static String display(int number) throws IOException {
        String manual = Files.readString(Path.of("../doc/man/smtpd-tables.7"));
        String from = manual.split("(?m)^\\.Bd .*\n", -1)[number];
        return from.substring(0, from.indexOf(".Ed\n"));
    }

    @Test
    void linesOfTheManualAreThoseOfTheProtocol() throws IOException {
        assertEquals(TableProtocol.greeting("NAME"), display(2));
        for (String line : display(3).lines().toList()) {
            assertFalse(TableProtocol.parse(line) instanceof Said.Nonsense, line);
        }
        String[] questions = display(4).split("\n", -1);
        String[] answers = display(5).split("\n", -1);
        int line = 0;
        for (Question question : Question.values()) {
            String asked =
                    question == Question.UPDATE
                            ? TableProtocol.update("NAME", 7, NOW)
                            : TableProtocol.line(
                                    question, "NAME", TableService.ALIAS, 7, "KEY", NOW);
            assertEquals(
                    asked.strip(),
                    questions[line]
                            .replace("SECONDS.MICROSECONDS", "1713795082.354255")
                            .replace("SERVICE", "alias")
                            .replace("ID", "7"));
            Reply reply = reply(question, answers[line++].replace("ID", "7"));
            assertInstanceOf(Reply.Found.class, reply);
        }
        String[] others = display(6).split("\n", -1);
        assertEquals(new Reply.NotFound(), reply(Question.LOOKUP, others[0].replace("ID", "7")));
        assertEquals(
                new Reply.Failed("it says: the database is down"),
                reply(Question.LOOKUP, others[1].replace("ID", "7")));
    }

    @Test
    @DisplayName("F-22 a line break fits in no line")
    void lineBreaksDoNotFit() {
        assertTrue(TableProtocol.fitsInALine("bob|x ü"));
        for (String text : new String[] {"a\nb", "a\rb", "a\0b", "\n"}) {
            assertFalse(TableProtocol.fitsInALine(text));
        }
    }
}
