package smtpd.e2e.filters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.FarEnd;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.TestDns;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// A filter in Python and one in awk hear every event and are asked about every phase, and hear and
/// are asked the same.
class EveryEventTest {
    /// The command, the envelope, the answer, and what it came to.
    private static final int LINES_PER_RECIPIENT = 4;

    private static final Path EXAMPLES = Path.of("../etc/examples/filters");

    /// What differs from run to run, and what stands for it.
    private static final List<Map.Entry<String, String>> NAMES =
            List.of(
                    Map.entry("\\|\\d+\\.\\d{6}\\|smtp-(in|out)\\|", "|"),
                    Map.entry(
                            "(?<=link-connect\\|[0-9a-f]{16}\\|)[^|]*\\|(pass|fail|error)",
                            "NAME|FCRDNS"),
                    Map.entry("(?<=connect\\|[0-9a-f]{16}\\|[0-9a-f]{16}\\|)[^|]*", "NAME"),
                    Map.entry("127\\.0\\.0\\.1:\\d+", "ADDRESS"),
                    Map.entry("(?<=\\|)[0-9a-f]{16}\\|[0-9a-f]{16}(?=\\||$)", "SESSION|TOKEN"),
                    Map.entry("(?<=\\|)[0-9a-f]{16}(?=\\||$)", "SESSION"),
                    Map.entry("(?<=\\||<|0 )([0-9a-f]{16}|[0-9a-f]{8})(?=\\||$|@| )", "ID"),
                    Map.entry("(?<=\\|Date: ).*", "DATE"),
                    Map.entry("(?<=tx-commit\\|SESSION\\|ID\\|).*", "SIZE"));

    private static List<String> words(Path file, String subsystem) throws IOException {
        return Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream()
                .filter(line -> line.contains("|" + subsystem + "|") && !line.startsWith("config|"))
                .filter(line -> !line.matches(".*\\|250[- ][A-Z0-9]{2,}( .*)?"))
                .filter(line -> !line.matches(".*data-line.*\\|(Received:|\t).*"))
                .map(EveryEventTest::plain)
                .toList();
    }

    private static String plain(String line) {
        String text = line;
        for (Map.Entry<String, String> name : NAMES) {
            text = text.replaceAll(name.getKey(), name.getValue());
        }
        return text;
    }

    @Test
    void everythingIsHeardAndAsked() throws Exception {
        for (String program : List.of("/usr/bin/python3", "/usr/bin/gawk")) {
            Assumptions.assumeTrue(
                    Files.isExecutable(Path.of(program)), program + " is missing: etc/interop");
        }
        try (FilterHouse house = FilterHouse.unprivileged();
                FarEnd far = FarEnd.start("127.0.0.1", 0);
                TestDns dns = TestDns.start("")) {
            Path events = house.open("events");
            Path awk = house.copy(EXAMPLES.resolve("every-event.awk"));
            Path python = house.copy(EXAMPLES.resolve("every-event.py"));
            house.program("awk", awk + " " + events.resolve("awk"));
            house.program("py", python + " " + events.resolve("py"));
            int port = house.listen("{ \"py\", \"awk\" }");
            int plain = Ports.free(1).getFirst();
            house.line("listen on 127.0.0.1 port " + plain);
            house.line("mta limit session-mail-max 1");
            house.line(
                    "action \"out\" relay host \"smtp://127.0.0.1:%d\" helo mx.example.org filter { \"py\", \"awk\" }"
                            .formatted(far.port()));
            house.line("match from any for domain \"far.example\" action \"out\"");
            house.start(dns.port());
            session(house.daemon(), port);
            String mail = house.awaitMail();
            assertTrue(mail.contains("\n.dots\n..\nb|ar \u00e4\n"), mail);
            for (String name : List.of("py", "awk")) {
                Path file = events.resolve(name);
                Waiting.until(
                        () ->
                                Files.readString(file, StandardCharsets.ISO_8859_1)
                                        .contains("link-disconnect"),
                        () -> "no end:\n" + house.daemon().lastLines());
            }
            assertHeard(events, "smtp-in", "every-event.txt");
            relay(house, plain);
            for (String name : List.of("py", "awk")) {
                Path file = events.resolve(name);
                Waiting.until(
                        () ->
                                Files.readString(file, StandardCharsets.ISO_8859_1)
                                        .contains("smtp-out|link-disconnect"),
                        () -> "no end:\n" + house.daemon().lastLines());
            }
            assertEquals(1, far.contents().size());
            assertHeard(events, "smtp-out", "every-event-out.txt");
        }
    }

    private static void assertHeard(Path events, String subsystem, String expected)
            throws IOException {
        List<String> heard = words(events.resolve("py"), subsystem);
        assertEquals(heard, words(events.resolve("awk"), subsystem));
        if (subsystem.equals("smtp-out")) {
            heard = byRecipient(heard);
        }
        assertEquals(
                Files.readString(Path.of("src/test/resources/filters", expected)),
                String.join("\n", heard) + "\n");
    }

    /// The same with the recipients in the order of their names: mail goes out in the order of its
    /// envelopes' ids, which are random.
    private static List<String> byRecipient(List<String> heard) {
        List<String> sorted = new ArrayList<>(heard);
        List<List<String>> recipients = new ArrayList<>();
        int first = heard.size();
        for (int i = 0; i < heard.size(); i++) {
            if (heard.get(i).contains("|RCPT TO:")) {
                first = Math.min(first, i);
                recipients.add(heard.subList(i, i + LINES_PER_RECIPIENT));
            }
        }
        recipients.sort(Comparator.comparing(List::getFirst));
        for (List<String> recipient : recipients) {
            for (String line : recipient) {
                sorted.set(first++, line);
            }
        }
        return sorted;
    }

    /// A message for two, of whom the server takes one.
    private static void relay(FilterHouse house, int port) throws IOException {
        try (Talk talk = new Talk(port)) {
            talk.say("EHLO client.example");
            talk.say("MAIL FROM:<a@sender.example>");
            talk.say("RCPT TO:<bob@far.example>");
            talk.say("RCPT TO:<never@far.example>");
            talk.say("DATA");
            String taken = talk.say("Subject: x\n\nx\n.");
            assertTrue(taken.startsWith("250 2.0.0 "), () -> taken + house.daemon().lastLines());
            talk.say("QUIT");
        }
    }

    private static void session(Daemon daemon, int port) throws IOException {
        try (Talk talk = new Talk(port)) {
            talk.say("HELO old.example");
            talk.say("EHLO client.example");
            talk.say("NOOP");
            talk.say("MAIL FROM:<a@sender.example>");
            talk.say("RSET");
            String taken =
                    talk.send(
                            "a@sender.example",
                            "alice@local.example",
                            "Subject: x\n\n..dots\n...\nb|ar \u00e4\n");
            assertTrue(taken.startsWith("250 2.0.0 "), () -> taken + daemon.lastLines());
            talk.say("NONSENSE");
            talk.say("QUIT");
        }
    }
}
