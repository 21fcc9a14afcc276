package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.smtp.protocol.Client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Sessions that meet an error of ours: it is theirs alone.
class FailingSessionTest {
    private static final String MAIL =
            """
            EHLO client.example.net
            MAIL FROM:<a@b.example>
            RCPT TO:<alice@example.org>
            %s
            """;

    private static final int LINES = 8_000;

    /// More than the queue takes without an account of its window.
    private static final String LONG = "x: y\n\n" + ("x".repeat(70) + "\n").repeat(LINES);

    private final House house = new House();

    private SplitStream play(String sent) {
        house.client = Client.at("192.0.2.7");
        List<byte[]> lines = new ArrayList<>();
        sent.lines()
                .forEach(line -> lines.add((line + "\r\n").getBytes(StandardCharsets.US_ASCII)));
        SplitStream stream = new SplitStream(lines);
        house.session(stream).run();
        return stream;
    }

    private void breakAt(String where, Runnable error) {
        house.lka.steps = step -> breakAt(where, step, error);
        house.queue.steps = step -> breakAt(where, step, error);
    }

    private static void breakAt(String where, String step, Runnable error) {
        if (step.equals(where)) {
            error.run();
        }
    }

    private static void bug() {
        throw new IllegalStateException("an error of ours");
    }

    /// What a parser does that goes into itself too deep.
    private static int tooDeep(int depth) {
        return depth < 0 ? 0 : tooDeep(depth + 1) + 1;
    }

    private void assertEndsAlone(SplitStream stream) {
        assertTrue(stream.said().endsWith("\r\n421 4.3.0 Temporary failure\r\n"), stream.said());
        assertTrue(stream.closed);
        assertEquals(
                "0000000000000abc smtp disconnected reason=\"io-error: internal error\"",
                house.log.getLast());
        assertEquals(List.of(), house.queue.accepted);
        assertTrue(house.queue.open.isEmpty(), "a message left open");
        assertEquals(0, house.queue.windowsOpen);
        assertEquals(house.memory.all(), house.memory.free());
    }

    @ParameterizedTest
    @ValueSource(strings = {"expand", "create", "window", "body", "commit"})
    @DisplayName("F-72: input that makes smtp throw ends its session with 421 and leaves nothing")
    void whatThrowsEndsItsOwnSession(String where) {
        breakAt(where, FailingSessionTest::bug);
        assertEndsAlone(play(MAIL.formatted("DATA\n" + LONG + ".\nQUIT")));
        breakAt("", FailingSessionTest::bug);
        assertTrue(play(MAIL.formatted("DATA\nx: y\n.\nQUIT")).said().contains("\r\n221 "));
        assertEquals(1, house.queue.accepted.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"window", "body"})
    @DisplayName("F-72: so it is in chunks")
    void whatThrowsInChunksEndsItsOwnSession(String where) {
        breakAt(where, FailingSessionTest::bug);
        int size = LONG.length() + LINES + 2;
        assertEndsAlone(play(MAIL.formatted("BDAT " + size + "\n" + LONG)));
    }

    @Test
    @DisplayName("F-72: so it is for what goes too deep")
    void whatGoesTooDeepEndsItsOwnSession() {
        breakAt("expand", () -> tooDeep(0));
        assertEndsAlone(play(MAIL.formatted("DATA")));
    }

    @Test
    @DisplayName("F-72: before the greeting too")
    void whatThrowsBeforeTheGreeting() {
        breakAt("client", FailingSessionTest::bug);
        SplitStream stream = play("EHLO x.example");
        assertEquals("421 4.3.0 Temporary failure\r\n", stream.said());
        assertTrue(stream.closed);
    }

    @Test
    @DisplayName("F-72: a session that cannot even be ended in order is closed all the same")
    void anEndThatThrowsCloses() {
        breakAt("rollback", FailingSessionTest::bug);
        SplitStream stream = play(MAIL.formatted("NOOP"));
        assertTrue(stream.closed);
        assertTrue(house.log.getLast().contains(" smtp disconnected reason="));
    }
}
