package smtpd.e2e.filters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import smtpd.e2e.scenario.TestDns;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// The example filters do in the daemon what they say.
class ExamplesTest {
    private static final Path EXAMPLES = Path.of("../etc/examples/filters");

    private static @Nullable FilterHouse house;
    private static @Nullable TestDns dns;
    private static int shell;
    private static int python;
    private static int java;
    private static int names;

    @BeforeAll
    static void start() throws Exception {
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/python3")), "python3 is missing");
        FilterHouse made = FilterHouse.unprivileged();
        house = made;
        TestDns server = TestDns.start("good.example A 192.0.2.1\nbroken.example FAIL\n");
        dns = server;
        made.program("sh", made.copy(EXAMPLES.resolve("no-bank.sh")).toString());
        made.program("py", made.copy(EXAMPLES.resolve("no-bank.py")).toString());
        made.program("java", made.java(made.copy(EXAMPLES.resolve("NoBank.java"))));
        made.program("names", made.java(made.copy(EXAMPLES.resolve("HeloName.java"))));
        shell = made.listen("sh");
        python = made.listen("py");
        java = made.listen("java");
        names = made.listen("names");
        made.start(server.port());
    }

    @AfterAll
    static void stop() throws Exception {
        if (house != null) {
            house.close();
        }
        if (dns != null) {
            dns.close();
        }
    }

    private static String log() {
        return Objects.requireNonNull(house).daemon().lastLines();
    }

    private static void refusesTheBank(int port) throws IOException {
        try (Talk talk = new Talk(port)) {
            assertEquals("220 ", talk.greeting().substring(0, 4));
            talk.say("EHLO client.example");
            assertEquals(
                    "550 5.7.1 No bank writes to us",
                    talk.say("MAIL FROM:<info@bank.example>"),
                    ExamplesTest::log);
            assertTrue(
                    talk.send("a@other.example", "alice@local.example", "Subject: x\n\nx\n")
                            .startsWith("250 2.0.0 "),
                    ExamplesTest::log);
        }
    }

    @Test
    void shellRefusesTheBank() throws IOException {
        refusesTheBank(shell);
    }

    @Test
    void pythonRefusesTheBank() throws IOException {
        refusesTheBank(python);
    }

    @Test
    void javaRefusesTheBank() throws IOException {
        refusesTheBank(java);
    }

    @Test
    void namesAreLookedUpThroughTheDaemon() throws IOException {
        try (Talk talk = new Talk(names)) {
            assertEquals("550 5.7.1 Who are you?", talk.say("EHLO bad.example"), ExamplesTest::log);
            assertEquals("250", talk.say("EHLO broken.example").substring(0, 3), "not now");
            assertEquals("250", talk.say("EHLO good.example").substring(0, 3));
        }
    }

    @Test
    void theManualShowsThem() throws IOException {
        String manual = Files.readString(Path.of("../doc/man/smtpd-filters.7"));
        for (String name : List.of("no-bank.sh", "no-bank.py", "NoBank.java")) {
            String example = Files.readString(EXAMPLES.resolve(name));
            assertTrue(
                    manual.contains("\n.Bd -literal -offset indent\n" + roff(example) + ".Ed\n"),
                    name + " in the manual is not the file in etc/examples/filters");
        }
    }

    private static String roff(String text) {
        return text.replace("\\", "\\e");
    }
}
