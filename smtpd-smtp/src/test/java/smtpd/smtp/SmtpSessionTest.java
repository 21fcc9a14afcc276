package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Listener;
import smtpd.core.imsg.RcptQuery;
import smtpd.core.mail.Dsn;
import smtpd.smtp.ClientStream.Interruption;
import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Limits;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

class SmtpSessionTest {
    private static final String BEGIN =
            """
            S+ 220
            C: EHLO client.example.net
            S+ 250
            """;

    private static final String MAIL =
            BEGIN
                    + """
                    C: MAIL FROM:<sender@client.example.net>
                    C: RCPT TO:<alice@example.org>
                    C: DATA
                    S+ 250
                    S+ 250
                    S+ 354
                    C: Subject: x
                    C: Bcc: secret@example.org
                    C:
                    C: ..dot
                    C: .
                    S: 250 2.0.0 00001001 Message accepted for delivery
                    """;

    private static final String QUIT =
            """
            C: QUIT
            S+ 221
            CLOSED
            """;

    private final House house = new House();

    @BeforeEach
    void fromAfar() {
        house.client = Client.at("192.0.2.7");
    }

    private String rest() throws IOException {
        return new String(house.stream.toClient.in().readAllBytes(), StandardCharsets.US_ASCII);
    }

    private String content() {
        return house.queue.accepted.getFirst();
    }

    @Test
    void contentBeginsWithOurReceivedField() throws Exception {
        house.play(MAIL + QUIT);
        assertEquals(
                """
                Received: from client.example.net (client.example.net [192.0.2.7])
                \tby mx.example.org (smtpd) with ESMTP id 00001001
                \tfor <alice@example.org>;
                \tThu, 1 Jan 2026 00:00:00 +0000 (UTC)
                Subject: x

                .dot
                """
                        .replace("\n", "\r\n"),
                content());
    }

    @Test
    void logTellsTheSessionInTheOriginalsFormats() throws Exception {
        house.play(MAIL + QUIT);
        assertEquals(
                List.of(
                        "0000000000000abc smtp connected address=192.0.2.7 host=client.example.net",
                        "0000000000000abc smtp message msgid=00001001 size="
                                + content().length()
                                + " nrcpt=1 proto=ESMTP",
                        "0000000000000abc smtp envelope evpid=0000100100000001"
                                + " from=<sender@client.example.net> to=<alice@example.org>",
                        "0000000000000abc smtp disconnected reason=quit"),
                house.log);
    }

    @Test
    void receivedNamesNoRecipientWhenThereAreTwo() throws Exception {
        house.play(
                MAIL.replace("C: DATA\n", "C: RCPT TO:<bob@example.org>\nC: DATA\n")
                                .replaceFirst("S\\+ 354", "S+ 250\nS+ 354")
                        + QUIT);
        assertFalse(content().contains("for <"), content());
        assertTrue(house.log.get(1).endsWith(" nrcpt=2 proto=ESMTP"), house.log::toString);
    }

    @Test
    void maskedSourceLeavesTheClientOutOfReceived() throws Exception {
        house.flags.add(Listener.Flag.MASK_SRC);
        house.play(MAIL + QUIT);
        assertTrue(content().startsWith("Received: by mx.example.org"), content());
    }

    @Test
    void mailOfStrangersIsNotCompleted() throws Exception {
        house.play(MAIL + QUIT);
        assertFalse(content().contains("Message-ID"), content());
        assertFalse(content().contains("\nDate:"), content());
    }

    @Test
    void submittedMailGetsDateAndMessageId() throws Exception {
        for (int port : List.of(465, 587)) {
            House submission = new House();
            submission.client = Client.at("192.0.2.7");
            submission.port = port;
            submission.play(MAIL + QUIT);
            String content = submission.queue.accepted.getFirst();
            assertTrue(
                    content.contains("\r\nMessage-ID: <0000000000000007@mx.example.org>\r\n"),
                    content);
            assertTrue(content.contains("\r\nDate: " + House.DATE + "\r\n"), content);
        }
    }

    @Test
    void localUsersAreAuthenticatedAndTheirMailIsCompleted() throws Exception {
        house.client = Client.local(House.HOST, "alice");
        house.flags.add(Listener.Flag.RECEIVED_AUTH);
        house.play(MAIL + QUIT);
        assertTrue(
                content()
                        .startsWith(
                                "Received: from client.example.net (mx.example.org [local])\r\n"
                                        + "\tby mx.example.org (smtpd) with ESMTPA id 00001001"
                                        + " auth=yes user=alice\r\n"),
                content());
        assertTrue(content().contains("\r\nMessage-ID: <"), content());
        RcptQuery query = house.lka.asked.getFirst();
        assertEquals("local", query.origin().address());
        assertEquals("alice", query.origin().userName());
        assertTrue(query.origin().flags().authenticated());
        assertTrue(house.log.getFirst().endsWith("address=local host=mx.example.org"));
    }

    @Test
    void localUsersMaySendEverythingAtOnce() throws Exception {
        house.client = Client.local(House.HOST, "alice");
        house.play(
                """
                C: EHLO localhost
                C: MAIL FROM:<alice>
                C: RCPT TO:<bob@example.org>
                C: DATA
                C: Subject: x
                C:
                C: .
                C: QUIT
                S+ 220
                S+ 250
                S+ 250
                S+ 250
                S+ 354
                S+ 250
                S+ 221
                CLOSED
                ACCEPTED 1
                """);
        assertEquals("alice@mx.example.org", house.lka.asked.getFirst().sender().toString());
    }

    @Test
    void contentOfARefusedDataIsNeverTakenForCommands() throws Exception {
        house.client = Client.local(House.HOST, "alice");
        house.play(
                """
                C: EHLO localhost
                C: DATA
                C: MAIL FROM:<alice>
                S+ 220
                S+ 250
                S~ 503
                S~ 554 5.5.0
                CLOSED
                """);
    }

    @Test
    void reportWishesOfOneRecipientAreNotThoseOfTheNext() throws Exception {
        house.play(
                BEGIN
                        + """
                        C: MAIL FROM:<a@b.example> RET=HDRS ENVID=x+2By
                        C: RCPT TO:<alice@example.org> NOTIFY=SUCCESS ORCPT=rfc822;old+40b.example
                        C: RCPT TO:<bob@example.org>
                        S+ 250
                        S+ 250
                        S+ 250
                        """
                        + QUIT);
        Dsn first = house.lka.asked.get(0).dsn();
        Dsn second = house.lka.asked.get(1).dsn();
        assertEquals(
                new Dsn(Set.of(Dsn.Notify.SUCCESS), Dsn.Ret.HDRS, "x+y", "rfc822;old@b.example"),
                first);
        assertEquals(new Dsn(Set.of(), Dsn.Ret.HDRS, "x+y", ""), second);
    }

    @Test
    void addressesReachLkaByteForByte() throws Exception {
        house.play(
                BEGIN
                        + """
                        C: MAIL FROM:<"a\\\\"b c"@b.example>
                        C: RCPT TO:<"@ x"@remote.test>
                        S+ 250
                        S+ 250
                        """
                        + QUIT);
        assertEquals("\"a\\\"b c\"@b.example", house.lka.asked.getFirst().sender().toString());
        assertEquals("\"@ x\"@remote.test", house.lka.asked.getFirst().rcpt().toString());
    }

    @Test
    @DisplayName("F-7: replies to a group leave in one piece")
    void repliesToAGroupLeaveInOnePiece() throws Exception {
        house.play(
                BEGIN
                        + """
                        C: MAIL FROM:<a@b.example>
                        C*10: RCPT TO:<user%d@remote.test>
                        S*1: 250 2.0.0 Ok
                        S*10: 250 2.1.5 {*}
                        """
                        + QUIT);
        // banner, EHLO, the group, QUIT
        assertEquals(4, house.stream.writes);
    }

    @Test
    @DisplayName("F-38: a client that goes away in DATA leaves a line and no message")
    void clientThatGoesAwayInDataLeavesALineAndNoMessage() throws Exception {
        house.play(MAIL.substring(0, MAIL.indexOf("C: Subject")) + "C: Subject: x\nDROP\n");
        assertEquals(1, house.queue.rolledBack.size());
        assertEquals(
                List.of(
                        "0000000000000abc smtp lost-connection after DATA (12 bytes)",
                        "0000000000000abc smtp disconnected reason=disconnect"),
                house.log.subList(1, 3));
        assertEquals(house.memory.all(), house.memory.free());
    }

    @Test
    @DisplayName("F-38: a client that goes away in BDAT leaves a line and no message")
    void clientThatGoesAwayInBdatLeavesALineAndNoMessage() throws Exception {
        String begun = MAIL.substring(0, MAIL.indexOf("C: DATA")) + "S+ 250\nS+ 250\n";
        house.play(begun + "C: BDAT 14\nC! Subject: x\\r\\n\\r\\n\nC: BDAT 5\nC! abc\nDROP\n");
        assertEquals(1, house.queue.rolledBack.size());
        assertEquals(
                List.of(
                        "0000000000000abc smtp lost-connection after BDAT (17 bytes)",
                        "0000000000000abc smtp disconnected reason=disconnect"),
                house.log.subList(1, 3));
        assertEquals(house.memory.all(), house.memory.free());
    }

    @Test
    void noPermitIsLostWithTheFirstChunk() throws Exception {
        String begun = MAIL.substring(0, MAIL.indexOf("C: DATA")) + "S+ 250\nS+ 250\n";
        house.play(begun + "C: BDAT 14\nC! Subject\nDROP\n");
        assertEquals(house.memory.all(), house.memory.free());
        assertEquals(0, house.queue.open.size());
    }

    @Test
    @DisplayName("F-34: two authors are taken, and logged")
    void twoAuthorsAreLogged() throws Exception {
        house.play(
                MAIL.replace("C: Subject: x\n", "C: From: a@b.example\nC: from: c@d.example\n")
                        + QUIT);
        assertEquals(
                "0000000000000abc smtp odd-header msgid=00001001 fields=from,from-domains",
                house.log.get(2));
    }

    @Test
    @DisplayName("F-32 F-33: MIME structure and encoded words are passed on as they came")
    void mimeIsPassedOnAsItCame() throws Exception {
        String body =
                "C*3000: Content-Type: multipart/mixed; boundary=b%d\\r\\n\\r\\n--b%d\nC: end\n";
        house.play(
                MAIL.replace("C: Subject: x\n", "C: Subject: =?utf-8?q?\\{20000:=41}?=\nC: X: y\n")
                                .replace("C: ..dot\n", body)
                        + QUIT);
        String content = content();
        assertTrue(content.contains("Subject: =?utf-8?q?" + "=41".repeat(20_000) + "?=\r\nX: y"));
        assertTrue(content.contains("boundary=b3000\r\n\r\n--b3000\r\nend\r\n"));
    }

    @Test
    void refusedCommandsAreLogged() throws Exception {
        house.play(BEGIN + "C: FOO \"bar\"\nS~ 500\n" + QUIT);
        assertEquals(
                "0000000000000abc smtp failed-command command=\"FOO \\\"bar\\\"\""
                        + " result=\"500 5.5.1 Invalid command: Command unrecognized\"",
                house.log.get(1));
    }

    @Test
    @DisplayName("F-85: what may be a password is not logged")
    void whatMayBeAPasswordIsNotLogged() throws Exception {
        house.play(BEGIN + "C: AUTH PLAIN AGFsaWNlAHNlY3JldA==\nS~ 502\n" + QUIT);
        assertTrue(house.log.get(1).contains("command=\"AUTH PLAIN (...)\""), house.log::toString);
    }

    @Test
    @DisplayName("F-84: a client cannot forge a line of the log")
    void clientCannotForgeALineOfTheLog() throws Exception {
        house.play(
                """
                S+ 220
                C: NOOP \\x1b[2J" result="250 ok\\x0b
                S~ 501
                C! X\\rY\\r\\n
                S~ 500
                CLOSED
                """);
        assertEquals(
                "0000000000000abc smtp failed-command command=\"NOOP \\x1b[2J\\\""
                        + " result=\\\"250 ok\\x0b\" result=\"501 5.5.2 Syntax error: invalid"
                        + " character in command\"",
                house.log.get(1));
        assertTrue(
                house.log.get(2).startsWith("0000000000000abc smtp bad-input result=\"500 5.5.2"),
                house.log::toString);
    }

    @Test
    @DisplayName("F-1: what is said before the greeting is logged, 64 bytes of it")
    void whatIsSaidBeforeTheGreetingIsLogged() throws Exception {
        house.play("C: GET \\{100:x}\nS~ 554 5.5.1\nCLOSED\n");
        assertEquals(
                "0000000000000abc smtp pregreet data=\"GET " + "x".repeat(60) + "\"",
                house.log.get(1));
    }

    @Test
    void silentClientIsToldAndLeft() throws Exception {
        Thread thread = Thread.ofVirtual().start(house.session());
        assertEquals('2', house.stream.toClient.in().read());
        house.stream.interrupt(Interruption.TIMEOUT);
        thread.join();
        String rest = rest();
        assertTrue(rest.endsWith("421 4.4.2 Timeout\r\n"), rest);
        assertTrue(house.log.getLast().endsWith("reason=timeout"), house.log::toString);
    }

    @Test
    void stoppingDaemonSaysSo() throws Exception {
        Thread thread = Thread.ofVirtual().start(house.session());
        assertEquals('2', house.stream.toClient.in().read());
        house.stream.interrupt(Interruption.SHUTDOWN);
        thread.join();
        String rest = rest();
        assertTrue(rest.endsWith("421 4.3.2 Shutting down\r\n"), rest);
    }

    @Test
    void contentGoesToTheQueueInBoundedParts() throws Exception {
        house.play(MAIL.replace("C: ..dot\n", "C*9000: line %d \\{60:x}\n") + QUIT);
        assertEquals(Limits.BODY_PART, house.queue.largestPart);
        assertTrue(content().endsWith("line 9000 " + "x".repeat(60) + "\r\n"));
    }

    @Test
    @DisplayName("F-36: what is over the limit never reaches the queue")
    void whatIsOverTheLimitNeverReachesTheQueue() throws Exception {
        house.play(
                "SET max-message-size 100000\n"
                        + MAIL.replace("C: ..dot\n", "C*9000: line %d \\{60:x}\n")
                                .replaceFirst("S: 250 2.0.0 0.*", "S~ 552 5.3.4")
                        + QUIT);
        assertTrue(house.queue.largestPart <= Limits.BODY_PART);
        assertEquals(List.of(), house.queue.accepted);
        assertEquals(1, house.queue.rolledBack.size());
    }
}
