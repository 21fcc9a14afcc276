package smtpd.e2e.filters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.FarEnd;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Started;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// Programs and tests of the configuration decide, in the confined processes.
class FiltersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String HELLO = "Subject: x\r\n\r\nHello.\r\n..dot";

    private static final int MESSAGES = 20;
    private static final int RECIPIENTS = 60;

    @AutoClose private static final Started STARTED = new Started();

    private static @Nullable FarEnd far;
    private static List<Integer> ports = List.of();

    /// What it does is in the value it is asked about.
    private static final String PROGRAM =
            """
            #!/bin/sh
            while IFS='|' read -r kind version time subsystem phase session token value
            do
                case "$kind $version" in
                "config ready")
                    for each in connect helo ehlo mail-from rcpt-to data data-line rset quit noop commit
                    do
                        echo "register|filter|smtp-in|$each"
                    done
                    echo "register|report|smtp-in|*"
                    echo "register|ready"
                    echo "here I am" >&2
                    continue
                    ;;
                "report 0.7")
                    echo "$phase $session $token $value" >>REPORTS
                    continue
                    ;;
                "filter 0.7")
                    ;;
                *)
                    continue
                    ;;
                esac
                answer=proceed
                case "$phase $value" in
                "data-line "*STOP*)
                    exit 1
                    ;;
                "data-line .")
                    echo "filter-dataline|$session|$token|edited|so"
                    echo "filter-dataline|$session|$token|."
                    continue
                    ;;
                "data-line "*)
                    echo "filter-dataline|$session|$token|$value"
                    continue
                    ;;
                *" die"*) exit 1 ;;
                *" hang"*) continue ;;
                *" lie"*) echo "this is no line"; continue ;;
                *" endless"*) head -c 300000 /dev/zero | tr '\\0' x; continue ;;
                *" mute"*) exec >&-; continue ;;
                *" flood"*) exec yes "filter-result|0000000000000001|0000000000000001|proceed" ;;
                *" twice"*) echo "filter-result|$session|$token|proceed" ;;
                *" junk"*) answer=junk ;;
                *" reject"*) answer="reject|550 5.7.1 no | never" ;;
                *" later"*) answer="reject|451 4.7.1 later" ;;
                *" bye"*) answer="disconnect|550 bye" ;;
                *" mumble"*) answer="reject|no reply at all" ;;
                *" note"*) answer="report|take note" ;;
                "mail-from other"*) answer="rewrite|<other@rewritten.example>" ;;
                "rcpt-to old"*) answer="rewrite|<alice@local.example>" ;;
                esac
                echo "filter-result|$session|$token|$answer"
            done
            """;

    /// It is told everything of sessions with servers, and does not read it.
    private static final String DEAF =
            """
            #!/bin/sh
            while read -r line && test "$line" != "config|ready"
            do
                :
            done
            echo "register|report|smtp-out|*"
            echo "register|ready"
            exec sleep 1000
            """;

    @BeforeAll
    static void start() throws Exception {
        Account account = Account.unprivileged();
        Daemon made = STARTED.prepare(account);
        ports = Ports.free(6);
        far = STARTED.add(FarEnd.start("127.0.0.1", 0));
        Path home = made.prefix().resolve("home/alice");
        Files.createDirectories(home);
        made.write(
                "etc/passwd",
                "alice:x:%d:%d::%s:/bin/sh\n".formatted(account.uid(), account.gid(), home));
        made.write("etc/probe", PROGRAM.replace("REPORTS", made.prefix() + "/reports"));
        made.write("etc/deaf", DEAF);
        for (String program : List.of("etc/probe", "etc/deaf")) {
            Files.setPosixFilePermissions(
                    made.prefix().resolve(program), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        made.write("etc/smtpd.conf", configuration(made.prefix()));
        made.start();
    }

    private static String configuration(Path prefix) {
        return """
        table users passwd:PREFIX/etc/passwd
        table bad { "bad.example" }
        table worse { "worse@client.example" }
        table patterns { "^odd[0-9]" }
        filter "probe" proc-exec "PREFIX/etc/probe" timeout 3s
        filter "lenient" proc-exec "PREFIX/etc/probe" fail bypass timeout 2s
        filter "frail" proc-exec "PREFIX/etc/probe" timeout 3s
        filter "frail lenient" proc-exec "PREFIX/etc/probe" fail bypass timeout 2s
        filter "deaf" proc-exec "PREFIX/etc/deaf" timeout 10m
        filter "helo" phase ehlo match helo <bad> disconnect "550 bad name"
        filter "sender" phase mail-from match mail-from <worse> reject "551 5.7.1 worse"
        filter "rcpt" phase rcpt-to match rcpt-to regex <patterns> reject "552 odd"
        filter "auth" phase mail-from match auth reject "553 who are you"
        filter "mark" phase data match !auth junk
        filter "all" chain { "helo", "sender", "rcpt", "auth", "mark" }
        listen on 127.0.0.1 port PORT0 hostname mx.example.org filter "probe"
        listen on 127.0.0.1 port PORT1 hostname mx.example.org filter "lenient"
        listen on 127.0.0.1 port PORT2 hostname mx.example.org filter "all"
        listen on 127.0.0.1 port PORT3
        listen on 127.0.0.1 port PORT4 hostname mx.example.org filter "frail"
        listen on 127.0.0.1 port PORT5 hostname mx.example.org filter "frail lenient"
        action "home" maildir userbase <users>
        action "out" relay host "smtp://127.0.0.1:FAR" filter "deaf"
        match from any for domain "far.example" action "out"
        match from any for domain "local.example" action "home"
        """
                .replace("PREFIX", prefix.toString())
                .replace("PORT0", ports.get(0).toString())
                .replace("PORT1", ports.get(1).toString())
                .replace("PORT2", ports.get(2).toString())
                .replace("PORT3", ports.get(3).toString())
                .replace("PORT4", ports.get(4).toString())
                .replace("PORT5", ports.get(5).toString())
                .replace("FAR", Integer.toString(far().port()));
    }

    private static FarEnd far() {
        return Objects.requireNonNull(far);
    }

    private static Daemon daemon() {
        return STARTED.daemon();
    }

    /// The delivered message that has `text` in it.
    private static Optional<String> delivered(String text) throws IOException {
        Path inbox = daemon().prefix().resolve("home/alice/Maildir/new");
        if (!Files.isDirectory(inbox)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(inbox)) {
            for (Path file : files.toList()) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                if (content.contains(text)) {
                    return Optional.of(content);
                }
            }
        }
        return Optional.empty();
    }

    private static String awaitDelivery(String text) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Optional<String> found = delivered(text);
        while (found.isEmpty()) {
            assertTrue(System.nanoTime() - deadline < 0, daemon()::lastLines);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            found = delivered(text);
        }
        return found.get();
    }

    @Test
    void everyDecisionReachesTheClient() throws Exception {
        try (Client talk = new Client(ports.get(0))) {
            talk.say("EHLO client.example");
            assertEquals(
                    "550 5.7.1 no | never",
                    talk.say("MAIL FROM:<reject@client.example>"),
                    daemon()::lastLines);
            assertEquals("451 4.7.1 later", talk.say("MAIL FROM:<later@client.example>"));
            assertEquals("250 2.0.0 Ok", talk.say("MAIL FROM:<note@client.example>"));
            assertEquals("550 5.7.1 no | never", talk.say("RCPT TO:<reject@local.example>"));
            assertTrue(talk.say("RCPT TO:<old@local.example>").startsWith("250"));
            assertTrue(talk.say("RSET").startsWith("250"));
            assertEquals("550 bye", talk.say("MAIL FROM:<bye@client.example>"));
            assertTrue(talk.isOver());
        }
        try (Client talk = new Client(ports.get(0))) {
            talk.say("EHLO client.example");
            assertEquals(
                    "421 Internal server error", talk.say("MAIL FROM:<mumble@client.example>"));
            assertTrue(talk.isOver());
        }
        assertTrue(
                daemon().log(0).stream()
                        .anyMatch(line ->
                                line.endsWith(
                                        " filter report kind=proc name=probe"
                                                + " message=\"take note\"")),
                daemon()::lastLines);
    }

    @Test
    void messageIsEditedAndMarked() throws Exception {
        try (Client talk = new Client(ports.get(0))) {
            String reply = talk.mail("junk@client.example", "old@local.example", HELLO);
            assertTrue(reply.startsWith("250"), () -> reply + daemon().lastLines());
        }
        String mail = awaitDelivery("junk@client.example");
        assertTrue(mail.contains("\nX-Spam: Yes\n"), mail);
        assertTrue(mail.endsWith("\nHello.\n.dot\nedited|so\n"), mail);
    }

    @Test
    @DisplayName("F-77 a filter that dies in the middle of a message: 451, nothing is delivered")
    void halfAnEditIsNeverDelivered() throws Exception {
        for (int port : List.of(ports.get(0), ports.get(1))) {
            try (Client talk = new Client(port)) {
                String text = "Subject: half\r\n\r\nbegun\r\nSTOP\r\nnever seen";
                String reply = talk.mail("half@client.example", "alice@local.example", text);
                assertTrue(reply.startsWith("451"), () -> reply + daemon().lastLines());
                assertTrue(talk.say("NOOP").startsWith("250"), "the session goes on");
            }
        }
        awaitMail(ports.get(0), "whole@client.example");
        awaitDelivery("whole@client.example");
        assertEquals(Optional.empty(), delivered("begun"));
    }

    /// Hands in a mail until it is taken.
    private static void awaitMail(int port, String sender) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String reply = "";
        while (!reply.startsWith("250")) {
            assertTrue(System.nanoTime() - deadline < 0, reply + daemon().lastLines());
            try (Client talk = new Client(port)) {
                reply = talk.mail(sender, "alice@local.example", HELLO);
            }
        }
    }

    @Test
    @DisplayName(
            "F-76 filters that exit, hang, close their output, talk nonsense, never end a line, or"
                    + " flood: their policy,"
                    + " and a fresh start")
    void failuresAreThoseOfTheFilterAlone() throws Exception {
        for (String how : List.of("die", "hang", "mute", "lie", "endless", "flood")) {
            try (Client talk = new Client(ports.get(4))) {
                String reply = talk.mail(how + "@client.example", "alice@local.example", HELLO);
                assertTrue(reply.startsWith("451"), () -> how + reply + daemon().lastLines());
            }
            awaitMail(ports.get(4), "after-" + how + "@client.example");
            try (Client talk = new Client(ports.get(5))) {
                talk.say("EHLO client.example");
                String reply = talk.say("MAIL FROM:<" + how + "@client.example>");
                assertEquals("250 2.0.0 Ok", reply, daemon()::lastLines);
            }
        }
        awaitMail(ports.get(4), "twice@client.example");
        for (String why :
                List.of(
                        "its program hangs",
                        "its program wrote a line longer than 131072",
                        "it answers what nobody asked, again and again")) {
            assertTrue(
                    daemon().log(0).stream().anyMatch(line -> line.contains(why)),
                    () -> why + daemon().lastLines());
        }
    }

    @Test
    void testsOfTheConfigurationDecide() throws Exception {
        try (Client talk = new Client(ports.get(2))) {
            assertEquals("550 bad name", talk.say("EHLO bad.example"), daemon()::lastLines);
            assertTrue(talk.isOver());
        }
        try (Client talk = new Client(ports.get(2))) {
            talk.say("EHLO client.example");
            assertEquals("551 5.7.1 worse", talk.say("MAIL FROM:<worse@client.example>"));
            assertTrue(talk.say("MAIL FROM:<fine@client.example>").startsWith("250"));
            assertEquals("552 odd", talk.say("RCPT TO:<odd1@local.example>"));
            assertTrue(talk.say("RCPT TO:<alice@local.example>").startsWith("250"));
            assertTrue(talk.say("DATA").startsWith("354"));
            assertTrue(talk.say("Subject: marked by builtin\r\n\r\nx\r\n.").startsWith("250"));
        }
        assertTrue(awaitDelivery("marked by builtin").contains("\nX-Spam: Yes\n"));
    }

    @Test
    void noDeliveryWaitsForAFilter() throws Exception {
        try (Client talk = new Client(ports.get(3))) {
            talk.say("EHLO client.example");
            for (int i = 0; i < MESSAGES; i++) {
                talk.say("MAIL FROM:<out@client.example>");
                for (int rcpt = 0; rcpt < RECIPIENTS; rcpt++) {
                    talk.say("RCPT TO:<rcpt" + rcpt + "@far.example>");
                }
                talk.say("DATA");
                String reply = talk.say("Subject: x\r\n\r\nx\r\n.");
                assertTrue(reply.startsWith("250"), () -> reply + daemon().lastLines());
            }
        }
        Waiting.until(() -> far().contents().size() == MESSAGES, () -> daemon().lastLines());
        assertFalse(
                daemon().log(0).stream().anyMatch(line -> line.contains("filter deaf: ")),
                daemon()::lastLines);
    }

    @Test
    void reportsTellTheSession() throws Exception {
        try (Client talk = new Client(ports.get(0))) {
            talk.say("EHLO reports.example");
            assertTrue(talk.say("QUIT").startsWith("221"));
        }
        Path file = daemon().prefix().resolve("reports");
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<String> told = List.of();
        while (told.size() < 9) {
            assertTrue(System.nanoTime() - deadline < 0, told + daemon().lastLines());
            String id =
                    Files.readAllLines(file).stream()
                            .filter(line ->
                                    line.contains("|reports.example")
                                            || line.contains(" EHLO reports.example"))
                            .map(line -> line.split(" ", -1)[1])
                            .findFirst()
                            .orElse("none");
            told =
                    Files.readAllLines(file).stream()
                            .filter(line -> line.split(" ", -1).length > 1)
                            .filter(line -> line.split(" ", -1)[1].equals(id))
                            .map(line -> line.split(" ", -1)[0])
                            .filter(event -> !event.equals("protocol-server"))
                            .toList();
        }
        assertEquals(
                List.of(
                        "link-connect",
                        "filter-response",
                        "link-greeting",
                        "protocol-client",
                        "filter-response",
                        "link-identify",
                        "protocol-client",
                        "filter-response",
                        "link-disconnect"),
                told);
        assertTrue(
                daemon().log(0).stream().anyMatch(line -> line.equals("probe: here I am")),
                daemon()::lastLines);
    }
}
