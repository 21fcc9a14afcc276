package smtpd.mda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.mail.MailAddr;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;

final class LmtpDeliveryTest {
    private final LmtpDelivery lmtp = new LmtpDelivery("mx.example.com", new HostsResolver());

    private static LmtpDelivery.Transaction transaction(String destination, String... rcpts)
            throws IOException {
        return new LmtpDelivery.Transaction(
                destination,
                MailAddr.of("sender@example.org"),
                List.of(rcpts),
                "Delivered-To: a@b\r\n",
                Samples.letter(Samples.MESSAGE));
    }

    private static List<String> summary(List<Verdict> verdicts) {
        return verdicts.stream().map(it -> it.outcome().logWord() + " " + it.status()).toList();
    }

    @Test
    void oneTransactionServesAllRecipientsAndDotsAreStuffed() throws IOException {
        try (ScriptedLmtp server =
                new ScriptedLmtp(
                        List.of(
                                "220 hi",
                                "250-hi|250 PIPELINING",
                                "250 ok",
                                "250 ok",
                                "250 ok",
                                "354 go",
                                "250 2.0.0 one|250 2.0.0 two"))) {
            assertEquals(
                    List.of("Ok 2.0.0", "Ok 2.0.0"),
                    summary(lmtp.deliver(transaction(server.destination(), "a", "b@c"))));
            assertEquals(
                    List.of(
                            "LHLO mx.example.com",
                            "MAIL FROM:<sender@example.org>",
                            "RCPT TO:<a>",
                            "RCPT TO:<b@c>",
                            "DATA",
                            "Delivered-To: a@b",
                            "Subject: hello",
                            "",
                            "first",
                            "..second",
                            "."),
                    server.heard.subList(0, 11));
        }
    }

    @Test
    @DisplayName("F-40: addresses beyond ASCII go to a server that offers SMTPUTF8 only")
    void addressesBeyondAscii() throws IOException {
        try (ScriptedLmtp server =
                new ScriptedLmtp(
                        List.of(
                                "220 hi",
                                "250-hi|250 SMTPUTF8",
                                "250 ok",
                                "250 ok",
                                "250 ok",
                                "354 go",
                                "250 2.0.0 one|250 2.0.0 two"))) {
            lmtp.deliver(transaction(server.destination(), "jürgen@ü.example", "b@ü.example"));
            assertEquals(
                    List.of(
                            "MAIL FROM:<sender@example.org> SMTPUTF8",
                            "RCPT TO:<jürgen@xn--tda.example>",
                            "RCPT TO:<b@xn--tda.example>"),
                    server.heard.subList(1, 4));
        }
        try (ScriptedLmtp server = new ScriptedLmtp(List.of("220 hi", "250 hi"))) {
            DeliveryFailure failure =
                    assertThrows(
                            DeliveryFailure.class,
                            () -> lmtp.deliver(transaction(server.destination(), "jürgen")));
            assertEquals(
                    "PermFail 5.6.7",
                    summary(List.of(DeliveryFailure.verdict(failure))).getFirst());
        }
    }

    @Test
    @DisplayName("F-61: each accepted recipient has its own reply, refused ones have none")
    void repliesPerRecipient() throws IOException {
        try (ScriptedLmtp server =
                new ScriptedLmtp(
                        List.of(
                                "220 hi",
                                "250 hi",
                                "250 ok",
                                "250 ok",
                                "550 5.1.1 who?",
                                "250 ok",
                                "354 go",
                                "452 4.2.2 full|250 ok"))) {
            List<Verdict> verdicts = lmtp.deliver(transaction(server.destination(), "a", "b", "c"));
            assertEquals(
                    List.of("TempFail 4.2.2", "PermFail 5.1.1", "Ok 2.0.0"), summary(verdicts));
            assertEquals("550 5.1.1 who?", verdicts.get(1).text());
        }
    }

    @Test
    @DisplayName("F-61: a missing reply is temporary for that recipient only")
    void missingReply() throws IOException {
        try (ScriptedLmtp server =
                new ScriptedLmtp(
                        List.of(
                                "220 hi",
                                "250 hi",
                                "250 ok",
                                "250 ok",
                                "250 ok",
                                "250 ok",
                                "354 go",
                                "250 ok|garbage"))) {
            assertEquals(
                    List.of("Ok 2.0.0", "TempFail 4.4.2", "TempFail 4.4.2"),
                    summary(lmtp.deliver(transaction(server.destination(), "a", "b", "c"))));
        }
    }

    @Test
    @DisplayName("F-61: replies nobody waits for end the connection's use")
    void tooManyReplies() throws IOException {
        try (ScriptedLmtp server =
                new ScriptedLmtp(
                        List.of(
                                "220 hi",
                                "250 hi",
                                "250 ok",
                                "250 ok",
                                "354 go",
                                "250 ok|550 what?|550 and?"),
                        List.of("220 hi", "250 hi", "250 ok", "250 ok", "354 go", "250 ok"))) {
            assertEquals(
                    List.of("Ok 2.0.0"),
                    summary(lmtp.deliver(transaction(server.destination(), "a"))));
            assertEquals(
                    List.of("Ok 2.0.0"),
                    summary(lmtp.deliver(transaction(server.destination(), "a"))));
            assertEquals(2, server.connections.get());
        }
    }

    @Test
    void aConnectionThatEndedWellIsUsedAgain() throws IOException {
        try (ScriptedLmtp server =
                new ScriptedLmtp(
                        List.of(
                                "220 hi", "250 hi", "250 ok", "250 ok", "354 go", "250 ok",
                                "250 ok", "250 ok", "354 go", "250 ok"))) {
            for (int i = 0; i < 2; i++) {
                assertEquals(
                        List.of("Ok 2.0.0"),
                        summary(lmtp.deliver(transaction(server.destination(), "a"))));
            }
            assertEquals(1, server.connections.get());
        }
    }

    @Test
    void aKeptConnectionThatTheServerClosedIsReplaced() throws IOException {
        try (ScriptedLmtp server =
                new ScriptedLmtp(
                        List.of("220 hi", "250 hi", "250 ok", "250 ok", "354 go", "250 ok", "-"),
                        List.of("220 hi", "250 hi", "250 ok", "250 ok", "354 go", "250 ok"))) {
            for (int i = 0; i < 2; i++) {
                assertEquals(
                        List.of("Ok 2.0.0"),
                        summary(lmtp.deliver(transaction(server.destination(), "a"))));
            }
        }
    }

    @Test
    void whenAllRecipientsAreRefusedNothingIsSent() throws IOException {
        try (ScriptedLmtp server =
                new ScriptedLmtp(
                        List.of("220 hi", "250 hi", "250 ok", "450 4.2.1 later", "250 ok"))) {
            assertEquals(
                    List.of("TempFail 4.2.1"),
                    summary(lmtp.deliver(transaction(server.destination(), "a"))));
            assertFalse(server.heard.contains("DATA"));
        }
    }

    @Test
    void contentThatBreaksOffNeverGetsItsFinalDot() throws IOException {
        try (ScriptedLmtp server =
                new ScriptedLmtp(
                        List.of("220 hi", "250 hi", "250 ok", "250 ok", "354 go", "250 ok"))) {
            Letter letter = Letter.read(Samples.broken("Subject: x\r\n\r\n", "half\r\n"));
            LmtpDelivery.Transaction broken =
                    new LmtpDelivery.Transaction(
                            server.destination(), MailAddr.NULL, List.of("a"), "", letter);
            IOException failure = assertThrows(IOException.class, () -> lmtp.deliver(broken));
            assertEquals("4.3.0", DeliveryFailure.verdict(failure).status().toString());
            assertTrue(server.heard.contains("MAIL FROM:<>"));
            assertFalse(server.heard.contains("."));
        }
    }

    @Test
    void noServerIsTemporary(@TempDir Path directory) throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0)) {
            port = closed.getLocalPort();
        }
        for (String destination :
                List.of("127.0.0.1:" + port, directory.resolve("none").toString(), "[::1]:x")) {
            IOException failure =
                    assertThrows(
                            IOException.class, () -> lmtp.deliver(transaction(destination, "a")));
            assertEquals(
                    smtpd.core.mail.Outcome.TEMPFAIL, DeliveryFailure.verdict(failure).outcome());
        }
    }

    @Test
    void destinationsAreSocketsHostsAndPorts() throws IOException {
        assertEquals(new LmtpAddress.Socket("/run/lmtp"), LmtpAddress.parse("/run/lmtp"));
        assertEquals(new LmtpAddress.Host("localhost", 25), LmtpAddress.parse("localhost"));
        assertEquals(new LmtpAddress.Host("h", 24), LmtpAddress.parse("h:24"));
        assertEquals(new LmtpAddress.Host("::1", 24), LmtpAddress.parse("[::1]:24"));
        assertEquals(new LmtpAddress.Host("::1", 25), LmtpAddress.parse("[::1]"));
        assertEquals(new LmtpAddress.Host("::1", 25), LmtpAddress.parse("::1"));
    }
}
