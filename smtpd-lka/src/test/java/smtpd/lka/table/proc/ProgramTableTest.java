package smtpd.lka.table.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.imsg.TableService;
import smtpd.lka.table.Answer;
import smtpd.lka.table.Table;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// A table whose program is played by the test.
class ProgramTableTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Scripted programs = new Scripted();
    private final BlockingQueue<String> complaints = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        programs.close();
    }

    private Table table(Duration patience) {
        return new ProgramTable("t", programs, InstantSource.system(), complaints::add, patience);
    }

    private static <T> CompletableFuture<T> later(Supplier<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> result.complete(task.get()));
        return result;
    }

    private static Answer yes(String value) {
        return new Answer.Found(value);
    }

    private String complaint() throws InterruptedException {
        return String.valueOf(complaints.poll(30, TimeUnit.SECONDS));
    }

    @Test
    void asksAndHears() throws Exception {
        Table table = table(LONG);
        CompletableFuture<Answer> found =
                later(() -> table.lookup(TableService.ALIAS, "Bob@Example.org"));
        Scripted.Run run = programs.run().register("alias", "auth", "source");
        assertEquals("lookup|alias|1|bob@example.org", run.question());
        run.say("lookup-result|1|found|robert");
        assertEquals(yes("robert"), found.get());

        CompletableFuture<Answer> checked = later(() -> table.check(TableService.ALIAS, "x"));
        assertEquals("check|alias|2|x", run.question());
        run.say("check-result|2|not-found");
        assertEquals(Answer.NOT_FOUND, checked.get());

        CompletableFuture<Answer> fetched = later(() -> table.fetch(TableService.SOURCE));
        assertEquals("fetch|source|3", run.question());
        run.say("fetch-result|3|found|192.0.2.1");
        assertEquals(yes("192.0.2.1"), fetched.get());

        CompletableFuture<Table.Update> updated = later(table::update);
        assertEquals("update|4", run.question());
        run.say("update-result|4|error|no such database");
        assertEquals(new Table.Update.Kept("table t: it says: no such database"), updated.get());
    }

    @Test
    void passwordsKeepTheirCase() throws Exception {
        Table table = table(LONG);
        CompletableFuture<Answer> checked =
                later(() -> table.check(TableService.AUTH, "Bob:SeCreT"));
        Scripted.Run run = programs.run().register("auth");
        assertEquals("check|auth|1|Bob:SeCreT", run.question());
        run.say("check-result|1|found");
        assertInstanceOf(Answer.Found.class, checked.get());
        assertTrue(table.offers(TableService.AUTH));
        assertFalse(table.offers(TableService.CREDENTIALS));
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.ALIAS, "x"));
    }

    @Test
    void manyQuestionsAreUnderWayAndAnsweredInAnyOrder() throws Exception {
        Table table = table(LONG);
        Map<Integer, CompletableFuture<Answer>> answers = new LinkedHashMap<>();
        for (int i = 0; i < 200; i++) {
            int number = i;
            answers.put(i, later(() -> table.lookup(TableService.ALIAS, "k" + number)));
        }
        Scripted.Run run = programs.run().register("alias");
        List<String> questions = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            questions.add(run.question());
        }
        Collections.reverse(questions);
        for (String question : questions) {
            String[] parts = question.split("\\|", -1);
            run.say("lookup-result|" + parts[2] + "|found|v" + parts[3]);
        }
        for (Map.Entry<Integer, CompletableFuture<Answer>> answer : answers.entrySet()) {
            assertEquals(yes("vk" + answer.getKey()), answer.getValue().get());
        }
    }

    @Test
    @DisplayName("F-22 a key with a line break is never asked for")
    void lineBreakIsNotAskedFor() throws Exception {
        Table table = table(LONG);
        Scripted.Run run = programs.run().register("alias", "auth");
        assertInstanceOf(
                Answer.Tempfail.class,
                table.check(TableService.AUTH, "bob:x\ntable|0.1|0.0|t|check|auth|9|root:"));
        CompletableFuture<Answer> next = later(() -> table.lookup(TableService.ALIAS, "ok"));
        assertEquals("lookup|alias|1|ok", run.question());
        run.say("lookup-result|1|not-found");
        assertEquals(Answer.NOT_FOUND, next.get());
    }

    @Test
    @DisplayName("F-78 an error is not now")
    void errorIsNotNow() throws Exception {
        Table table = table(LONG);
        CompletableFuture<Answer> answer = later(() -> table.lookup(TableService.ALIAS, "x"));
        Scripted.Run run = programs.run().register("alias");
        assertEquals("lookup|alias|1|x", run.question());
        run.say("lookup-result|1|error|database is down");
        assertEquals(new Answer.Tempfail("table t: it says: database is down"), answer.get());
    }

    @Test
    @DisplayName("F-78 a program that dies is started again; meanwhile the answer is not now")
    void deathIsNotNowAndTheProgramIsStartedAgain() throws Exception {
        Table table = table(LONG);
        CompletableFuture<Answer> asked = later(() -> table.lookup(TableService.ALIAS, "x"));
        Scripted.Run run = programs.run().register("alias");
        assertEquals("lookup|alias|1|x", run.question());
        run.die();
        assertInstanceOf(Answer.Tempfail.class, asked.get());
        assertEquals("table t: its program ended", complaint());
        assertEquals("t", programs.ended.poll(30, TimeUnit.SECONDS));

        Scripted.Run second = programs.run().register("alias");
        CompletableFuture<Answer> again = later(() -> table.lookup(TableService.ALIAS, "x"));
        assertEquals("lookup|alias|1|x", second.question());
        second.say("lookup-result|1|found|y");
        assertEquals(yes("y"), again.get());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lookup-result|99|found|y",
                "lookup-result|1|found|",
                "lookup-result|1|maybe",
                "check-result|1|found",
                "register|domain",
                "register|ready",
                "hello",
            })
    @DisplayName("F-78 a program that answers nonsense is ended; the answer is not now")
    void nonsenseEndsTheProgram(String line) throws Exception {
        Table table = table(LONG);
        CompletableFuture<Answer> asked = later(() -> table.lookup(TableService.ALIAS, "x"));
        Scripted.Run run = programs.run().register("alias");
        assertEquals("lookup|alias|1|x", run.question());
        run.say(line);
        assertInstanceOf(Answer.Tempfail.class, asked.get());
        assertNull(run.read());
        assertTrue(complaint().contains("said what it must not"));
        programs.run().register("alias");
    }

    @ParameterizedTest
    @ValueSource(strings = {"register|ready", "register|nothing", "lookup-result|1|found|x"})
    void programThatDoesNotRegisterIsEnded(String line) throws Exception {
        Table table = table(LONG);
        Scripted.Run run = programs.run();
        run.say(line);
        assertTrue(complaint().contains("said what it must not"));
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.ALIAS, "x"));
    }

    @Test
    @DisplayName("F-78 a program that hangs is not waited for, and ended")
    void hangingProgramIsEnded() throws Exception {
        Table table = table(Duration.ofMillis(200));
        Scripted.Run run = programs.run();
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.ALIAS, "x"));
        assertEquals("table t: its program did not register in time", complaint());
        assertTrue(String.valueOf(run.read()).startsWith("config|"));
    }

    @Test
    @DisplayName("F-78 a program that says nothing any more is ended")
    void silentProgramIsEnded() throws Exception {
        Table table = table(Duration.ofSeconds(2));
        Scripted.Run run = programs.run().register("alias");
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.ALIAS, "x"));
        assertEquals("table t: its program hangs", complaint());
        assertEquals("lookup|alias|1|x", run.question());
        assertNull(run.read());
    }

    @Test
    @DisplayName("F-78 a question nobody answers is given up, and a late answer forgiven")
    void lateAnswerIsForgiven() throws Exception {
        Table table = table(Duration.ofSeconds(2));
        Scripted.Run run = programs.run().register("alias");
        CompletableFuture<Answer> slow = later(() -> table.lookup(TableService.ALIAS, "slow"));
        assertEquals("lookup|alias|1|slow", run.question());
        CompletableFuture<Answer> quick = later(() -> table.lookup(TableService.ALIAS, "quick"));
        assertEquals("lookup|alias|2|quick", run.question());
        run.say("lookup-result|2|found|q");
        assertEquals(yes("q"), quick.get());
        assertInstanceOf(Answer.Tempfail.class, slow.get());
        run.say("lookup-result|1|found|s");
        CompletableFuture<Answer> third = later(() -> table.lookup(TableService.ALIAS, "third"));
        assertEquals("lookup|alias|3|third", run.question());
        run.say("lookup-result|3|found|t");
        assertEquals(yes("t"), third.get());
    }

    @Test
    void endlessLineIsNoLine() throws Exception {
        Table table = table(LONG);
        Scripted.Run run = programs.run().register("alias");
        try {
            run.say("lookup-result|1|found|" + "x".repeat(Lines.LINE_MAX));
        } catch (IOException e) {
            // it was ended before it had said all of it
        }
        assertTrue(complaint().contains("longer than"));
        assertInstanceOf(Answer.Tempfail.class, table.lookup(TableService.AUTH, "x"));
    }

    @Test
    void whatCannotBeStartedSaysWhyAndIsTriedAgainOnUpdate() throws Exception {
        programs.refusal = "no program table-x";
        Table table = table(LONG);
        assertEquals("table t: its program could not be started: no program table-x", complaint());
        assertEquals(
                new Answer.Tempfail("table t: it could not be started: no program table-x"),
                table.lookup(TableService.ALIAS, "x"));
        programs.refusal = "";
        CompletableFuture<Table.Update> update = later(table::update);
        Scripted.Run run = programs.run().register("alias");
        assertEquals("update|1", run.question());
        run.say("update-result|1|ok");
        assertInstanceOf(Table.Update.Updated.class, update.get());
    }

    @Test
    void waitsDoubleUpToALimit() {
        Duration wait = ProgramTable.next(Duration.ZERO);
        assertEquals(ProgramTable.FIRST, wait);
        assertEquals(Duration.ofMillis(100), ProgramTable.next(wait));
        for (int i = 0; i < 20; i++) {
            wait = ProgramTable.next(wait);
        }
        assertEquals(ProgramTable.LONGEST, wait);
    }
}
