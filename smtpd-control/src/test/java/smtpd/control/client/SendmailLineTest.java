package smtpd.control.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class SendmailLineTest {
    private static SendmailLine.Submit submit(String... words) {
        return assertInstanceOf(SendmailLine.Submit.class, SendmailLine.parse(List.of(words)));
    }

    @Test
    void usedOptions() {
        SendmailLine.Submit it =
                submit(
                        "-f",
                        "me@example.org",
                        "-FMy Name",
                        "-tv",
                        "-N",
                        "success,delay",
                        "-R",
                        "hdrs",
                        "-V",
                        "id 1",
                        "you",
                        "-them");
        assertEquals(
                new SendmailLine.Submit(
                        SendmailLine.Mode.SUBMIT,
                        new SendmailLine.Author("me@example.org", "My Name"),
                        true,
                        true,
                        new SendmailLine.Wishes("SUCCESS,DELAY", "HDRS", "id 1"),
                        List.of("you", "-them")),
                it);
    }

    @Test
    void ignoredOptionsSwallowTheirValues() {
        SendmailLine.Submit it =
                submit(
                        "-Am",
                        "-B8BITMIME",
                        "-bm",
                        "-E",
                        "-em",
                        "-oi",
                        "-o",
                        "em",
                        "-L",
                        "tag",
                        "-m",
                        "-p",
                        "ESMTP:host",
                        "-x",
                        "-i",
                        "-S",
                        "--",
                        "-odd");
        assertEquals(List.of("-odd"), it.recipients());
        assertEquals(new SendmailLine.Author(null, ""), it.author());
    }

    @Test
    void modes() {
        assertEquals(SendmailLine.Mode.SESSION, submit("-bs").mode());
        assertEquals(SendmailLine.Mode.LIST, submit("-bp").mode());
        assertEquals(SendmailLine.Mode.ALIASES, submit("-bi").mode());
        assertEquals(SendmailLine.Mode.RUN_QUEUE, submit("-q30m").mode());
    }

    @Test
    void nullSenderIsASender() {
        assertEquals("", submit("-f", "<>", "x").author().sender());
        assertEquals("", submit("-r", "", "x").author().sender());
        assertEquals("a@b", submit("-f<a@b>", "x").author().sender());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Z", "-f", "-Nsometimes", "-Nnever,success", "-Rhalf", "-tJ"})
    void wrongOptionsAreRefused(String option) {
        assertInstanceOf(SendmailLine.Parsed.Wrong.class, SendmailLine.parse(List.of(option)));
    }
}
