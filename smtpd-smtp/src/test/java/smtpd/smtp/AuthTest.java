package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.conf.Listener;
import smtpd.core.conf.SmtpLimit;
import smtpd.core.log.Traces;
import smtpd.core.mail.Bytes;
import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Encryption;
import smtpd.smtp.sasl.ChannelBindings;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// AUTH, and what depends on it.
class AuthTest {
    private static final Bytes KEY = Bytes.of("what both ends know");
    private static final Encryption TLS =
            new Encryption(
                    "TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO",
                    new ChannelBindings(Map.of("tls-exporter", () -> Optional.of(KEY))));

    private static final String EHLO =
            """
            S+ 220
            C: EHLO client.example.net
            S+ 250
            """;

    private static final String QUIT =
            """
            C: QUIT
            S+ 221
            CLOSED
            """;

    /// `\0alice\0pencil` and `\0alice\0nothing`.
    private static final String GOOD = "C: AUTH PLAIN AGFsaWNlAHBlbmNpbA==\n";

    private static final String BAD = "C: AUTH PLAIN AGFsaWNlAG5vdGhpbmc=\n";
    private static final String OK = "S: 235 2.0.0 Authentication succeeded\n";
    private static final String FAILED = "S: 535 5.7.8 Authentication failed\n";

    private final House house = new House();

    @BeforeEach
    void underTls() {
        house.client = Client.at("192.0.2.7");
        house.auth = Listener.AuthMode.REQUIRED;
        house.tls = Listener.TlsMode.STARTTLS;
        house.encryption = TLS;
        house.authTable = "logins";
    }

    private void play(String text) throws Exception {
        house.play(EHLO + text + QUIT);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private String log() {
        return String.join("\n", house.log);
    }

    @Test
    void plainWithTheCommandAndBehindIt() throws Exception {
        play(GOOD + OK);
        assertEquals(List.of("logins:alice:pencil"), house.lka.checked);
        assertEquals(List.of("alice proved"), house.guard.attempts);
        assertTrue(log().contains("0000000000000abc smtp authentication user=alice result=ok"));
        new AuthTest().behindIt();
    }

    private void behindIt() throws Exception {
        underTls();
        play("C: AUTH PLAIN\nS: 334 \nC: AGFsaWNlAHBlbmNpbA==\n" + OK);
    }

    @Test
    void loginPromptsAreTheOnesClientsKnow() throws Exception {
        play(
                "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: "
                        + base64("alice")
                        + "\nS: 334 UGFzc3dvcmQ6\nC: "
                        + base64("pencil")
                        + "\n"
                        + OK);
    }

    @Test
    void loginWithTheNameInTheCommand() throws Exception {
        play(
                "C: AUTH login "
                        + base64("alice")
                        + "\nS: 334 UGFzc3dvcmQ6\nC: "
                        + base64("pencil")
                        + "\n"
                        + OK);
    }

    @Test
    @DisplayName("F-22 a wrong password is answered after a while, and counted")
    void wrongPassword() throws Exception {
        play(BAD + FAILED + GOOD + OK);
        assertEquals(List.of("alice failed", "alice proved"), house.guard.attempts);
        assertEquals(1, house.guard.hesitations);
        assertTrue(log().contains("smtp authentication user=alice result=permfail"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AUTH PLAIN !!!!",
                "AUTH PLAIN YWJj*",
                "AUTH PLAIN =",
                "AUTH PLAIN YWJj",
                "AUTH PLAIN AGFsAGljZQBwZW5jaWw=",
                "AUTH PLAIN AGFsCmljZQBwZW5jaWw=",
                "AUTH PLAIN AABwZW5jaWw="
            })
    @DisplayName("F-22 bad base64, PLAIN with 1 or 3 NULs, a line break in the name, no name")
    void malformedResponses(String command) throws Exception {
        play("C: " + command + "\nS+ 501 5.5.2\n" + GOOD + OK);
        assertEquals(List.of("logins:alice:pencil"), house.lka.checked);
    }

    @Test
    @DisplayName("F-22 an authentication can be cancelled")
    void cancelled() throws Exception {
        play("C: AUTH PLAIN\nS: 334 \nC: *\nS+ 501 5.5.2\n" + GOOD + OK);
        assertEquals(0, house.guard.hesitations);
    }

    @Test
    @DisplayName("F-22 a response of 12288 octets is read, a longer one is not")
    void longResponses() throws Exception {
        String longest = base64("\0alice\0" + "x".repeat(9209));
        assertEquals(12288, longest.length());
        play(
                "C: AUTH PLAIN\nS: 334 \nC: "
                        + longest
                        + "\n"
                        + FAILED
                        + "C: AUTH PLAIN\nS: 334 \nC: "
                        + longest
                        + "AAAA\nS+ 500 5.5.6\n"
                        + GOOD
                        + OK);
    }

    @Test
    void backEndThatCannotAnswerEndsTheSession() throws Exception {
        for (String user : List.of("slow", "gone")) {
            House other = new House();
            other.client = house.client;
            other.auth = house.auth;
            other.encryption = TLS;
            other.play(
                    EHLO
                            + "C: AUTH PLAIN "
                            + base64("\0" + user + "\0pencil")
                            + "\nS: 421 4.7.0 Temporary authentication failure\nCLOSED\n");
            assertEquals(List.of(), other.guard.attempts);
            assertTrue(String.join("\n", other.log).contains("user=" + user + " result=tempfail"));
        }
    }

    @Test
    @DisplayName("F-23 AUTH in clear is refused, and not offered")
    void notInClear() throws Exception {
        house.encryption = Encryption.NONE;
        play(GOOD + "S+ 538 5.7.11\n");
        assertEquals(List.of(), house.lka.checked);
        assertFalse(log().contains("AGFsaWNl"), log());
    }

    @Test
    @DisplayName("F-23 AUTH twice, within a transaction, before EHLO and after HELO is 503")
    void outOfOrder() throws Exception {
        house.auth = Listener.AuthMode.OPTIONAL;
        house.play(
                "S+ 220\n"
                        + GOOD
                        + "S+ 503 5.5.1\nC: HELO client.example.net\nS+ 250\n"
                        + GOOD
                        + "S+ 503 5.5.1\nC: EHLO client.example.net\nS+ 250\n"
                        + "C: MAIL FROM:<a@b.example>\nS+ 250\n"
                        + GOOD
                        + "S+ 503 5.5.1\nC: RSET\nS+ 250\n"
                        + GOOD
                        + OK
                        + GOOD
                        + "S+ 503 5.5.1\n"
                        + QUIT);
    }

    @Test
    void withoutAuthThereIsNone() throws Exception {
        house.auth = Listener.AuthMode.NONE;
        play(GOOD + "S+ 502 5.5.1\n");
    }

    @Test
    void mailNeedsAuthenticationWhereTheListenerSaysSo() throws Exception {
        play(
                "C: MAIL FROM:<a@b.example>\nS+ 530 5.7.0\n"
                        + GOOD
                        + OK
                        + "C: MAIL FROM:<a@b.example>\nS+ 250\n");
    }

    @Test
    void offersAreThoseOfTheListener() throws Exception {
        house.scram = true;
        house.play(
                """
                S+ 220
                C: EHLO client.example.net
                S? 250 AUTH PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS
                C: AUTH PLAIN AGFsaWNlAHBlbmNpbA==
                S+ 235
                C: EHLO client.example.net
                S^ 250 AUTH PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS
                """
                        + QUIT);
    }

    @Test
    void unknownMechanism() throws Exception {
        play(
                "C: AUTH CRAM-MD5\nS: 504 5.7.4 Security features not supported: AUTH method"
                        + " \"CRAM-MD5\" not supported\n");
    }

    /// A client of SCRAM whose nonce is `theirs`.
    private static String scram(String mechanism, String header, String bound, String password) {
        String first = "n=alice,r=theirs";
        String challenge =
                "r=theirsours,s=" + base64("0123456789abcdef") + ",i=" + FakeLka.KEYS.iterations();
        String last = "c=" + base64(header + bound) + ",r=theirsours";
        String message = first + "," + challenge + "," + last;
        return "C: AUTH "
                + mechanism
                + " "
                + base64(header + first)
                + "\nS: 334 "
                + base64(challenge)
                + "\nC: "
                + base64(last + ",p=" + ScramClient.proof(password, FakeLka.KEYS, message))
                + "\n";
    }

    private static String signed(String header, String bound) {
        String message =
                "n=alice,r=theirs,r=theirsours,s="
                        + base64("0123456789abcdef")
                        + ",i="
                        + FakeLka.KEYS.iterations()
                        + ",c="
                        + base64(header + bound)
                        + ",r=theirsours";
        String signature =
                Base64.getEncoder().encodeToString(FakeLka.KEYS.signature(message).toByteArray());
        return "S: 334 " + base64("v=" + signature) + "\nC:\n" + OK;
    }

    @Test
    void scramProvesThatBothKnowThePassword() throws Exception {
        house.scram = true;
        play(scram("SCRAM-SHA-256", "n,,", "", "pencil") + signed("n,,", ""));
        assertEquals(List.of(), house.lka.checked);
    }

    @Test
    void scramBoundToTheConnection() throws Exception {
        house.scram = true;
        String header = "p=tls-exporter,,";
        play(
                scram("SCRAM-SHA-256-PLUS", header, KEY.utf8(), "pencil")
                        + signed(header, KEY.utf8()));
    }

    @Test
    void scramBoundToAnotherConnectionOrWithAWrongPasswordFails() throws Exception {
        house.scram = true;
        play(
                scram("SCRAM-SHA-256-PLUS", "p=tls-exporter,,", "another", "pencil")
                        + FAILED
                        + scram("SCRAM-SHA-256", "n,,", "", "nothing")
                        + FAILED);
        assertEquals(List.of("alice failed", "alice failed"), house.guard.attempts);
    }

    @Test
    @DisplayName("F-24 who has failed too often is told so, without asking lka, and sent away")
    void tooManyFailures() throws Exception {
        house.guard.limit = Optional.of(SmtpLimit.AUTH_FAILURES);
        house.play(EHLO + GOOD + "S+ 421 4.7.0\nCLOSED\n");
        assertEquals(List.of(), house.lka.checked);
        assertEquals(1, house.guard.hesitations);
        assertTrue(
                log().contains("smtp limit name=max-auth-failures address=192.0.2.7 user=alice"),
                log());
    }

    @Test
    @DisplayName("F-85 no password is in the log or in a trace")
    void secretsStaySecret() throws Exception {
        List<String> traced = house.log;
        Traces.set("smtp", true);
        try {
            play(
                    BAD
                            + FAILED
                            + "C: AUTH LOGIN\nS+ 334\nC: "
                            + base64("alice")
                            + "\nS+ 334\nC: "
                            + base64("hunter2")
                            + "\n"
                            + FAILED);
        } finally {
            Traces.set("smtp", false);
        }
        String all = String.join("\n", traced);
        assertTrue(all.contains("AUTH PLAIN (...)"), all);
        for (String secret : List.of("nothing", "AGFsaWNl", "hunter2", base64("hunter2"))) {
            assertFalse(all.contains(secret), all);
        }
    }

    @Test
    void usersSendAsWhomTheyMay() throws Exception {
        house.senders = "senders";
        play(
                GOOD
                        + OK
                        + """
                        C: MAIL FROM:<other@example.org>
                        S: 530 5.7.1 Sender rejected
                        C: MAIL FROM:<later@example.org>
                        S+ 451 4.3.0
                        C: MAIL FROM:<>
                        S+ 530
                        C: MAIL FROM:<own@example.org>
                        S+ 250
                        """);
    }

    @Test
    void receivedFieldTellsOfTlsAndUser() throws Exception {
        house.flags = Set.of(Listener.Flag.RECEIVED_AUTH, Listener.Flag.MASK_SRC);
        play(GOOD + OK + mail("a@b.example", "From: Alice <other@example.org>\n"));
        assertEquals(
                """
                Received: by mx.example.org (smtpd) with ESMTPSA id 00001001 \
                (TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO) auth=yes user=alice
                \tfor <alice@example.org>;
                \tThu, 1 Jan 2026 00:00:00 +0000 (UTC)
                From: Alice <other@example.org>

                text
                """,
                house.queue.accepted.getFirst().replace("\r\n", "\n"));
        assertTrue(house.lka.asked.getFirst().origin().flags().authenticated());
        assertTrue(house.lka.asked.getFirst().origin().flags().tls());
        assertEquals("alice", house.lka.asked.getFirst().origin().userName());
    }

    private static String mail(String sender, String header) {
        StringBuilder lines = new StringBuilder();
        header.lines().forEach(line -> lines.append("C: ").append(line).append('\n'));
        return "C: MAIL FROM:<"
                + sender
                + ">\nC: RCPT TO:<alice@example.org>\nC: DATA\nS+ 250\nS+ 250\nS+ 354\n"
                + lines
                + "C:\nC: text\nC: .\nS+ 250\n";
    }

    @Test
    void masqueradeMakesFromTheSender() throws Exception {
        house.senders = "senders";
        house.masquerade = true;
        play(GOOD + OK + mail("own@example.org", "From: \"A. L.\" <other@example.org>\n"));
        assertTrue(
                house.queue
                        .accepted
                        .getFirst()
                        .contains("\r\nFrom: \"A. L.\" <own@example.org>\r\n"),
                house.queue.accepted.getFirst());
    }

    @Test
    void moreMailsThanAClientMayBringAreForLater() throws Exception {
        house.auth = Listener.AuthMode.NONE;
        house.guard.mails = 1;
        play(
                """
                C: MAIL FROM:<a@b.example>
                S+ 250
                C: RSET
                S+ 250
                C: MAIL FROM:<a@b.example>
                S+ 450 4.7.0
                """);
    }

    @Test
    void weAreCalledAsTheAddressIs() throws Exception {
        house.hostnames = "names";
        house.play("S: 220 one.example.org ESMTP smtpd\n" + QUIT);
    }

    @Test
    void anAddressWithoutANameHasTheServers() throws Exception {
        house.hostnames = "none";
        house.play("S: 220 mx.example.org ESMTP smtpd\n" + QUIT);
    }

    @Test
    void whatWeAreCalledCannotBeTold() throws Exception {
        house.hostnames = "down";
        house.play("S+ 421 4.3.0\nCLOSED\n");
    }
}
