package smtpd.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.e2e.filters.FilterHouse;
import smtpd.e2e.filters.Talk;
import smtpd.e2e.scenario.Distribution;
import smtpd.e2e.scenario.TestDns;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/// Debian's filters for OpenSMTPD, as they are.
class FilterProgramsTest {
    private static final String GTUBE =
            "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";

    private static final String VERIFIER =
            """
            import sys, dkim
            record = sys.argv[1].encode()
            message = sys.stdin.buffer.read().replace(b"\\r\\n", b"\\n").replace(b"\\n", b"\\r\\n")
            def txt(name, timeout=5):
                return record if name == b"sel._domainkey.sender.example." else None
            sys.exit(0 if dkim.verify(message, dnsfunc=txt) else 1)
            """;

    @TempDir Path dir;

    private static Distribution.Result run(byte[] input, String... words)
            throws IOException, InterruptedException {
        return Distribution.run(List.of(words), Map.of(), input);
    }

    private static int verified(String record, String message)
            throws IOException, InterruptedException {
        byte[] bytes = message.getBytes(StandardCharsets.ISO_8859_1);
        return run(bytes, "/usr/bin/python3", "-c", VERIFIER, record).status();
    }

    @Test
    void dkimsignSignsWhatAnotherProgramVerifies() throws Exception {
        Path program = Peer.program("filter-dkimsign");
        String openssl = Peer.program("openssl").toString();
        Assumptions.assumeTrue(
                run(new byte[0], "/usr/bin/python3", "-c", "import dkim").status() == 0,
                "python3-dkim is missing: etc/interop installs it as root");
        Path made = dir.resolve("key.pem");
        assertEquals(
                0, run(new byte[0], openssl, "genrsa", "-out", made.toString(), "2048").status());
        Distribution.Result key =
                run(new byte[0], openssl, "rsa", "-in", made.toString(), "-pubout");
        String record =
                "v=DKIM1; k=rsa; p="
                        + key.output()
                                .lines()
                                .filter(line -> line.matches("[A-Za-z0-9+/=]+"))
                                .reduce("", String::concat);
        try (FilterHouse house = FilterHouse.unprivileged();
                TestDns dns = TestDns.start("")) {
            Path copied = house.copy(made);
            house.program(
                    "dkim", program + " -c relaxed/relaxed -d sender.example -s sel -k " + copied);
            int port = house.listen("dkim");
            house.start(dns.port());
            String body = "line\n..dots\n\nb\u00e4r  x \n" + "long ".repeat(200) + "\n\n\n";
            try (Talk talk = new Talk(port)) {
                talk.say("EHLO client.example");
                String reply =
                        talk.send(
                                "a@sender.example",
                                "alice@local.example",
                                "From: a@sender.example\nTo: b\nSubject: x\n\n" + body);
                assertTrue(reply.startsWith("250 2.0.0 "), reply + house.daemon().lastLines());
            }
            String mail = house.awaitMail();
            assertTrue(mail.contains("\nDKIM-Signature: "), mail);
            assertTrue(mail.contains("\n.dots\n"), mail);
            assertEquals(0, verified(record, mail), mail);
            assertEquals(1, verified(record, mail.replace("line\n", "other\n")), "it can fail");
        }
    }

    @Test
    void rspamdRejectsMarksAndGreylists() throws Exception {
        Path program = Peer.program("filter-rspamd");
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (RspamdPeer rspamd = RspamdPeer.start(dir);
                FilterHouse house = FilterHouse.unprivileged();
                TestDns dns = TestDns.start("")) {
            house.program("rspamd", program + " -url " + rspamd.url());
            int port = house.listen("rspamd");
            house.start(dns.port());
            try (Talk talk = new Talk(port)) {
                talk.say("EHLO client.example");
                String good = send(talk, "good", "hello");
                assertTrue(good.startsWith("250 2.0.0 "), good + house.daemon().lastLines());
                assertFalse(house.awaitMail().contains("\nX-Spam: yes"), "good mail is not marked");

                String refused = send(talk, "bad", "This is a test:\n" + GTUBE + "\nand no more.");
                assertTrue(refused.startsWith("550 "), refused + rspamd);

                String marked = send(talk, "junk", "hello");
                assertTrue(marked.startsWith("250 2.0.0 "), marked + rspamd);
                String mail = house.awaitMail();
                assertTrue(mail.contains("\nX-Spam: yes"), mail);
                assertTrue(mail.contains("\nX-Spam-Score: "), mail);
            }
            String later = sendAnew(port);
            assertTrue(later.startsWith("4"), later + rspamd);
            Waiting.until(
                    () -> sendAnew(port).startsWith("250 2.0.0 "),
                    () -> "greylisted for ever: " + rspamd);
        }
    }

    private static String sendAnew(int port) throws IOException {
        try (Talk talk = new Talk(port)) {
            talk.say("EHLO client.example");
            return send(talk, "grey", "hello again");
        }
    }

    private static String send(Talk talk, String subject, String text) throws IOException {
        return talk.send(
                "a@sender.example",
                "alice@local.example",
                """
                From: a@sender.example
                To: alice@local.example
                Subject: %s
                Message-ID: <%s@sender.example>
                Date: Sun, 22 Nov 2026 01:00:00 +0000

                %s
                """
                        .formatted(subject, subject, text));
    }
}
