package smtpd.control.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.control.World;
import smtpd.core.imsg.ControlToSmtp;
import smtpd.core.sys.Credentials;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class SendmailTest {
    private static final String USER = System.getProperty("user.name");

    @TempDir Path prefix;

    private World world;
    private Programs programs;
    private String home = "";

    @BeforeEach
    void start() throws IOException {
        Files.createDirectories(prefix.resolve("run"));
        Files.createDirectories(offline());
        home = System.getProperty("user.home");
        System.setProperty("user.home", prefix.toString());
        world = World.at(prefix.resolve("run/smtpd.sock"));
        world.users.put(USER, Credentials.uid());
        programs = new Programs(prefix);
    }

    @AfterEach
    void stop() {
        System.setProperty("user.home", home);
        world.close();
    }

    private Path offline() {
        return prefix.resolve("var/spool/smtpd/offline");
    }

    private Path deadLetter() {
        return prefix.resolve("dead.letter");
    }

    private List<Path> kept() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(offline())) {
            all.forEach(files::add);
        }
        return files;
    }

    @Test
    void messageIsSubmittedOverTheCallersOwnConnection() throws Exception {
        try (SmtpEnd smtp = SmtpEnd.of(world, Map.of())) {
            Programs.Result result =
                    programs.run(
                            "sendmail",
                            "Subject: x\nFrom: me@example.org\nDate: now\n\nfoo\n.\n..\nbar\n",
                            "-f",
                            "me",
                            "you@example.net",
                            "them");
            assertEquals(new Programs.Result(0, "", ""), result);
            assertEquals(
                    new ControlToSmtp.OpenSession(Credentials.uid(), USER),
                    smtp.finished().session());
            assertEquals(
                    List.of(
                            "EHLO localhost",
                            "MAIL FROM:<me@mx.example.org>",
                            "RCPT TO:<you@example.net>",
                            "RCPT TO:<them@mx.example.org>",
                            "DATA",
                            "QUIT"),
                    smtp.commands);
            assertEquals(
                    List.of(
                            "Subject: x",
                            "From: me@example.org",
                            "Date: now",
                            "",
                            "foo",
                            "..",
                            "...",
                            "bar"),
                    smtp.message);
        }
    }

    @Test
    void recipientsAndSenderOfTheHeader() throws Exception {
        try (SmtpEnd smtp = SmtpEnd.of(world, Map.of())) {
            Programs.Result result =
                    programs.run(
                            "sendmail",
                            """
                            From: Me <me@example.org>
                            To: a@example.net, b@example.net
                            Bcc: c@example.net

                            foo
                            """,
                            "-t",
                            "-oi",
                            "b@example.net");
            assertEquals(0, result.status());
            smtp.finished();
            assertEquals(
                    List.of(
                            "EHLO localhost",
                            "MAIL FROM:<me@example.org>",
                            "RCPT TO:<b@example.net>",
                            "RCPT TO:<a@example.net>",
                            "RCPT TO:<c@example.net>",
                            "DATA",
                            "QUIT"),
                    smtp.commands);
            assertTrue(smtp.message.stream().noneMatch(line -> line.startsWith("Bcc")));
        }
    }

    @Test
    void wishesAboutReportsAreSent() throws Exception {
        try (SmtpEnd smtp = SmtpEnd.of(world, Map.of())) {
            programs.run(
                    "sendmail",
                    "\nä\n",
                    "-N",
                    "success,delay",
                    "-Rhdrs",
                    "-V",
                    "a b",
                    "-f<>",
                    "x@example.net");
            smtp.finished();
            assertEquals(
                    List.of(
                            "MAIL FROM:<> BODY=8BITMIME RET=HDRS ENVID=a+20b",
                            "RCPT TO:<x@example.net> NOTIFY=SUCCESS,DELAY"),
                    smtp.commands.subList(1, 3));
        }
    }

    @Test
    void unknownUserNamesAreNotBelieved() throws Exception {
        world.users.put(USER, Credentials.uid() + 1);
        try (SmtpEnd smtp = SmtpEnd.of(world, Map.of())) {
            programs.run("sendmail", "foo\n", "x@example.net");
            assertEquals(
                    new ControlToSmtp.OpenSession(
                            Credentials.uid(), Integer.toString(Credentials.uid())),
                    smtp.finished().session());
        }
    }

    @Test
    void refusedRecipientRefusesTheMessageAndSavesIt() throws Exception {
        try (SmtpEnd smtp = SmtpEnd.of(world, Map.of("RCPT", "550 5.1.1 no such user"))) {
            Programs.Result result = programs.run("sendmail", "foo\nFrom me\n", "x@example.net");
            assertEquals(Exit.REFUSED, result.status());
            assertTrue(result.err().contains("550 5.1.1 no such user"), result.err());
            smtp.finished();
            List<String> saved = Files.readAllLines(deadLetter());
            assertTrue(saved.getFirst().startsWith("From " + USER + " "), saved.getFirst());
            assertEquals(List.of("foo", ">From me", "", ""), saved.subList(1, saved.size()));
            assertEquals(List.of(), kept());
        }
    }

    @Test
    void notNowIsKeptForLater() throws Exception {
        for (Map<String, String> replies :
                List.of(
                        Map.of("MAIL", "451 4.3.0 not now"),
                        Map.of(".", "452 4.3.1 no space"),
                        Map.of("DATA", ""))) {
            int before = kept().size();
            try (SmtpEnd smtp = SmtpEnd.of(world, replies)) {
                Programs.Result result = programs.run("sendmail", "foo\n", "x@example.net");
                assertEquals(new Programs.Result(Exit.TEMPFAIL, "", ""), result);
                smtp.finished();
                assertEquals(before + 1, kept().size());
            }
        }
    }

    @Test
    @DisplayName("F-82: while the daemon is down the message waits, readable by its owner only")
    void deadDaemonsDropBox() throws IOException {
        world.close();
        Files.delete(world.path());
        Programs.Result result =
                programs.run("sendmail", "To: x\n\nfoo\n", "-f", "me", "-t", "y@example.net");
        assertEquals(new Programs.Result(Exit.TEMPFAIL, "", ""), result);
        assertEquals(1, kept().size());
        Path file = kept().getFirst();
        assertTrue(file.getFileName().toString().matches("\\d+\\.[0-9a-f]+"), file.toString());
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals("sendmail|-f|me|-t|y@example.net\nTo: x\n\nfoo\n", Files.readString(file));
    }

    @Test
    void deadSmtpIsNotNow() throws IOException {
        world.loseSmtp();
        Programs.Result result = programs.run("sendmail", "foo\n", "y@example.net");
        assertEquals(Exit.TEMPFAIL, result.status());
        assertEquals(1, kept().size());
    }

    @Test
    @DisplayName("F-82: what the daemon takes out of the drop box is never put there again")
    void resubmittedMessagesAreNotKeptTwice() throws IOException {
        world.loseSmtp();
        Programs.Result result =
                programs.with("SMTPD_RESUBMITTING", "1").run("sendmail", "foo\n", "y@example.net");
        assertEquals(Exit.TEMPFAIL, result.status());
        assertEquals(List.of(), kept());
    }

    @Test
    @DisplayName("F-82: an argument that would forge the first line is refused")
    void separatorInAnArgumentIsNotKept() throws IOException {
        world.loseSmtp();
        Programs.Result result = programs.run("sendmail", "foo\n", "\"a|b\"@example.net");
        assertEquals(Exit.USAGE, result.status());
        assertEquals(List.of(), kept());
        assertTrue(Files.exists(deadLetter()));
    }

    @Test
    @DisplayName("F-82: without a drop box the message is saved for its author")
    void missingDropBox() throws IOException {
        world.loseSmtp();
        Files.delete(offline());
        Programs.Result result = programs.run("sendmail", "foo\n", "y@example.net");
        assertEquals(Exit.UNAVAILABLE, result.status());
        assertTrue(Files.readString(deadLetter()).contains("foo\n"));
    }

    @Test
    @DisplayName("F-82: a dead.letter that is a link is not followed")
    void deadLetterIsNoLink() throws IOException {
        Path target = Files.writeString(prefix.resolve("target"), "precious");
        Files.createSymbolicLink(deadLetter(), target);
        Programs.Result result = programs.run("sendmail", "a\0b\n", "y@example.net");
        assertEquals(Exit.DATA, result.status());
        assertTrue(result.err().contains("not saved"), result.err());
        assertEquals("precious", Files.readString(target));
    }

    @Test
    @DisplayName("F-82: control characters, NUL and floods of recipients are refused")
    void hostileInputIsRefused() {
        assertEquals(
                Exit.USAGE,
                programs.run("sendmail", "foo\n", "-f", "me\r\nRCPT TO:<x>", "y").status());
        assertEquals(Exit.USAGE, programs.run("sendmail", "foo\n", "y\u001b[2J").status());
        assertEquals(Exit.DATA, programs.run("sendmail", "fo\0o\n", "y").status());
        assertEquals(
                Exit.DATA,
                programs.run("sendmail", "To: x\nTo: a\u0001b@example.org\n\n", "-t").status());
        StringBuilder million = new StringBuilder("Bcc: a@example.org\n");
        for (int i = 0; i < 10_001; i++) {
            million.append("Bcc: u").append(i).append("@b\n");
        }
        assertEquals(Exit.DATA, programs.run("sendmail", million + "\nfoo\n", "-t").status());
        assertEquals(0, world.handed.size());
    }

    @Test
    void nobodyToSendTo() {
        assertEquals(Exit.REFUSED, programs.run("sendmail", "foo\n").status());
        assertEquals(Exit.REFUSED, programs.run("sendmail", "Subject: x\n\n", "-t").status());
        assertEquals(new Programs.Result(Exit.REFUSED, "", ""), programs.run("sendmail", "", "-q"));
        assertEquals(Exit.USAGE, programs.run("sendmail", "", "-Z").status());
    }

    @Test
    void pausedServerTakesNothing() {
        assertEquals(0, programs.run("smtpctl", "", "pause", "smtp").status());
        Programs.Result result = programs.run("sendmail", "foo\n", "y@example.net");
        assertEquals(Exit.FAILED, result.status());
        assertTrue(
                result.err().startsWith("sendmail: server disallowed submission request"),
                result.err());
        assertTrue(Files.exists(deadLetter()));
    }

    @Test
    void serverWithoutAName() throws Exception {
        try (SmtpEnd smtp = SmtpEnd.of(world, Map.of("", "220 "))) {
            assertEquals(Exit.NO_HOST, programs.run("sendmail", "foo\n", "y@example.net").status());
            smtp.finished();
        }
    }

    @Test
    void sessionOnTheStandardStreams() throws Exception {
        try (SmtpEnd smtp = SmtpEnd.of(world, Map.of())) {
            Programs.Result result = programs.run("sendmail", "EHLO me\r\nQUIT\r\n", "-bs");
            assertEquals(0, result.status());
            assertEquals(
                    List.of(
                            "220 mx.example.org ESMTP",
                            "250-mx.example.org hello",
                            "250-8BITMIME",
                            "250 DSN",
                            "221 2.0.0 Bye"),
                    List.of(result.out().split("\r\n", -1)).subList(0, 5));
            smtp.finished();
        }
    }

    @Test
    void verboseShowsTheSession() throws Exception {
        try (SmtpEnd smtp = SmtpEnd.of(world, Map.of())) {
            Programs.Result result = programs.run("sendmail", "foo\n", "-v", "y@example.net");
            assertTrue(result.out().startsWith("<<< 220 mx.example.org ESMTP\n>>> EHLO"));
            smtp.finished();
        }
    }

    @Test
    void otherNamesOfTheProgram() {
        assertEquals(new Programs.Result(0, "", ""), programs.run("sendmail", "", "-bp"));
    }

    @Test
    void newAliasesChecksTheFileAndTellsTheDaemon() throws IOException {
        Path aliases =
                Files.writeString(
                        prefix.resolve("aliases"),
                        "# comment\nroot: me\nlist: a, b,\n\tc\nboss \"|cmd x\"\n");
        Files.createDirectories(prefix.resolve("etc"));
        Files.writeString(
                prefix.resolve("etc/smtpd.conf"),
                "table aliases file:"
                        + aliases
                        + "\naction a mbox alias <aliases>\n"
                        + "match for local action a\n");
        assertEquals(
                new Programs.Result(0, aliases + ": 3 aliases\ncommand succeeded\n", ""),
                programs.run("newaliases", ""));
        Files.writeString(aliases, "root: me\n: you\nx:\ny: \"z\n");
        Programs.Result wrong = programs.run("newaliases", "");
        assertEquals(1, wrong.status());
        assertEquals(
                List.of(
                        aliases + ":2: no name before the colon",
                        aliases + ":3: x: no destination",
                        aliases + ":4: a quote that does not end"),
                wrong.err().lines().toList());
    }

    @Test
    void fullNameOfTheUserDatabase() throws IOException {
        Path passwd =
                Files.writeString(
                        prefix.resolve("passwd"), "x:x:1:1:& Y,Room 1:/:/bin/sh\ny:x:2:2:::\n");
        assertEquals("X Y", Caller.fullName(passwd, "x"));
        assertEquals("", Caller.fullName(passwd, "y"));
        assertEquals("", Caller.fullName(passwd, "z"));
    }
}
