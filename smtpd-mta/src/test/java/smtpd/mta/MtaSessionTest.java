package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Esc;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Outcome;
import smtpd.testkit.smtp.ScriptedServer;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

final class MtaSessionTest extends MtaSessionFixture {
    /// Asks for content and takes none.
    private static final String STALLING = PIPELINED + GO + "STALL\n";

    @Test
    void commandsGoOutTogetherWherePipeliningIsOffered() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(PIPELINED + ONE_MESSAGE + BYE)) {
            SessionReport.Finished finished =
                    deliver(
                            server,
                            Samples.content("Hi there\r\n.dotted!\r\n"),
                            Samples.task(1, "a@dest.test"));
            assertEquals(
                    new DeliveryResult(
                            new MsgId(1).envelope(1),
                            Outcome.OK,
                            new Esc(2, 0, 0),
                            "250 2.0.0 taken",
                            true,
                            "localhost"),
                    only(finished));
            assertEquals(new RouteVerdict.Fine(), verdict());
            server.await();
            assertEquals(List.of(), server.failures());
            assertEquals(List.of("Hi there\r\n..dotted!\r\n.\r\n"), server.contents());
            assertEquals("MAIL FROM:<sender@example.org> SIZE=20", server.heard().get(0).get(1));
        }
    }

    @Test
    void withoutPipeliningEachCommandWaitsForItsReply() throws Exception {
        String script =
                PLAIN
                        + """
                        C: MAIL FROM:<sender@example.org>
                        S: 250 ok
                        C: RCPT TO:<a@dest.test>
                        S: 550 5.1.1 nobody
                        C: RCPT TO:<b@dest.test>
                        S: 250 ok
                        C: DATA
                        S: 354 go
                        CONTENT
                        S: 250 ok
                        """
                        + BYE;
        SessionReport.Finished finished =
                deliver(
                        script,
                        Samples.content("x\r\n"),
                        Samples.task(1, "a@dest.test", "b@dest.test"));
        assertEquals(
                List.of(Outcome.PERMFAIL, Outcome.OK),
                finished.results().stream().map(DeliveryResult::outcome).toList());
        assertEquals("550 5.1.1 nobody", finished.results().getFirst().text());
        assertEquals(new Esc(5, 1, 1), finished.results().getFirst().status());
    }

    @Test
    void heloWhereEhloIsUnknown() throws Exception {
        String script =
                """
                S: 220 old
                C: EHLO client.example.org
                S: 502 what?
                C: HELO client.example.org
                S: 250 hello
                C: QUIT
                S: 221 bye
                """;
        try (ScriptedServer server = ScriptedServer.start(script)) {
            open(server, Scheme.SMTP, Samples.content()).finish();
            next(SessionReport.Ready.class);
            assertEquals(new RouteVerdict.Fine(), verdict());
            assertEquals(List.of(), server.failures());
        }
    }

    @Test
    void dsnParametersArePassedOnWhereOffered() throws Exception {
        Dsn dsn =
                new Dsn(
                        EnumSet.of(Dsn.Notify.SUCCESS, Dsn.Notify.FAILURE),
                        Dsn.Ret.HDRS,
                        "id+1",
                        "rfc822;x=y@dest.test");
        Task task =
                new Task(
                        new MsgId(1),
                        4,
                        MailAddr.NULL,
                        List.of(Samples.envelope(1, 1, "a@dest.test", dsn)),
                        0);
        String script =
                PIPELINED
                        + """
                        C: MAIL FROM:<> SIZE=4 BODY=8BITMIME RET=HDRS ENVID=id+2B1
                        C: RCPT TO:<a@dest.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;x+3Dy@dest.test
                        C: DATA
                        S: 250 ok
                        S: 250 ok
                        S: 354 ok
                        CONTENT
                        S: 250 ok
                        """
                        + BYE;
        SessionReport.Finished finished = deliver(script, Samples.content("\u00e4\r\n"), task);
        assertTrue(only(finished).dsnPassedOn());
    }

    @Test
    void aMessageTooLargeForTheServerIsNotSent() throws Exception {
        Task small = Samples.task(1, "a@dest.test");
        Task large = new Task(small.msgid(), 1_000_001, small.sender(), small.envelopes(), 0);
        SessionReport.Finished finished = deliver(PIPELINED + BYE, Samples.content("x"), large);
        assertEquals(Outcome.PERMFAIL, unfit(finished).outcome());
        assertEquals(new Esc(5, 3, 4), unfit(finished).status());
        assertEquals(new RouteVerdict.Fine(), verdict());
    }

    @Test
    @DisplayName("F-56: recipients beyond the server's limit go into the next transaction")
    void tooManyRecipientsGoIntoTheNextTransaction() throws Exception {
        String script =
                PIPELINED
                        + """
                        C: MAIL
                        C: RCPT TO:<a@dest.test>
                        C: RCPT TO:<b@dest.test>
                        C: DATA
                        S: 250 ok
                        S: 250 ok
                        S: 452 4.5.3 too many recipients
                        S: 354 go
                        CONTENT
                        S: 250 first
                        C: MAIL
                        C: RCPT TO:<b@dest.test>
                        C: DATA
                        S: 250 ok
                        S: 250 ok
                        S: 354 go
                        CONTENT
                        S: 250 second
                        """
                        + BYE;
        try (ScriptedServer server = ScriptedServer.start(script)) {
            SessionReport.Finished finished =
                    deliver(
                            server,
                            Samples.content("x\r\n"),
                            Samples.task(1, "a@dest.test", "b@dest.test"));
            assertEquals(
                    List.of("250 first", "250 second"),
                    finished.results().stream().map(DeliveryResult::text).toList());
            verdict();
            assertEquals(List.of(), server.failures());
            assertEquals(2, server.contents().size());
        }
    }

    @Test
    @DisplayName("F-56: a full mailbox is the recipient's failure, not a limit of the transaction")
    void fullMailboxIsNoLimit() throws Exception {
        String script =
                PIPELINED
                        + """
                        C: MAIL
                        C: RCPT
                        C: RCPT
                        C: DATA
                        S: 250 ok
                        S: 250 ok
                        S: 452 4.2.2 mailbox full
                        S: 354 go
                        CONTENT
                        S: 250 first
                        """
                        + BYE;
        SessionReport.Finished finished =
                deliver(
                        script,
                        Samples.content("x\r\n"),
                        Samples.task(1, "a@dest.test", "b@dest.test"));
        assertEquals(
                List.of(Outcome.TEMPFAIL, Outcome.OK),
                finished.results().stream().map(DeliveryResult::outcome).toList());
    }

    @Test
    @DisplayName("F-56: 421 in the middle is the route's trouble; the recipients stay untried")
    void closingReplyLeavesRecipientsUntried() throws Exception {
        String script =
                PLAIN
                        + """
                        C: MAIL
                        S: 250 ok
                        C: RCPT
                        S: 421 4.3.2 shutting down
                        CLOSE
                        """;
        SessionReport.Finished finished =
                deliver(script, Samples.content("x\r\n"), Samples.task(1, "a@dest.test"));
        assertEquals(List.of(), finished.results());
        assertEquals(List.of(new MsgId(1).envelope(1)), finished.untried());
        assertEquals(new RouteVerdict.Refused("421 4.3.2 shutting down"), verdict());
    }

    @Test
    @DisplayName("F-56: a greeting of 554 is the route's trouble")
    void greetingThatRefuses() throws Exception {
        assertRefused("554 no mail here");
    }

    @Test
    @DisplayName("F-56: a greeting of 521 is the route's trouble (RFC 7504)")
    void hostThatTakesNoMail() throws Exception {
        assertRefused("521 no mail here");
    }

    private void assertRefused(String greeting) throws Exception {
        try (ScriptedServer server = ScriptedServer.start("S: " + greeting + "\nCLOSE\n")) {
            open(server, Scheme.SMTP, Samples.content());
            assertEquals(new RouteVerdict.Refused(greeting), verdict());
        }
    }

    @Test
    @DisplayName("F-59: a server that never answers QUIT is left")
    void silenceAfterQuit() throws Exception {
        String script = PIPELINED + ONE_MESSAGE + "C: QUIT\nHANG\n";
        try (ScriptedServer server = ScriptedServer.start(script)) {
            MtaSession session =
                    open(
                            server,
                            Scheme.SMTP,
                            Samples.content("x\r\n"),
                            phase -> Duration.ofMillis(phase == Phase.QUIT ? 300 : 10_000),
                            25);
            session.give(Samples.task(1, "a@dest.test"));
            session.finish();
            next(SessionReport.Ready.class);
            assertEquals(Outcome.OK, only(next(SessionReport.Finished.class)).outcome());
            assertEquals(new RouteVerdict.Fine(), verdict());
        }
    }

    @Test
    @DisplayName("F-57: a connection lost after the final dot is a tempfail that says so")
    void lostAfterTheFinalDotIsUncertain() throws Exception {
        String script =
                PLAIN
                        + """
                        C: MAIL
                        S: 250 ok
                        C: RCPT
                        S: 250 ok
                        C: DATA
                        S: 354 go
                        CONTENT
                        CLOSE
                        """;
        SessionReport.Finished finished =
                deliver(script, Samples.content("x\r\n"), Samples.task(1, "a@dest.test"));
        assertEquals(Outcome.TEMPFAIL, only(finished).outcome());
        assertTrue(only(finished).text().contains("may have been delivered"));
        assertEquals(1, counts.getOrDefault("mta.delivery.uncertain", 0L));
        assertEquals(List.of(), finished.untried());
        assertInstanceOf(RouteVerdict.Network.class, verdict());
    }

    @Test
    @DisplayName("F-59: a reply that comes a byte at a time ends at the deadline of its command")
    void tarpitEndsAtTheDeadline() throws Exception {
        try (ScriptedServer server =
                ScriptedServer.start("DRIP 220 " + "x".repeat(200) + "\nHANG")) {
            open(
                    server,
                    Scheme.SMTP,
                    Samples.content(),
                    phase -> Duration.ofMillis(phase == Phase.BANNER ? 500 : 10_000),
                    25);
            assertEquals(new RouteVerdict.Network("Timeout"), verdict());
        }
    }

    @Test
    @DisplayName("F-59: a server that takes no content is left after the time of one piece")
    void zeroWindowEndsTheSession() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(STALLING)) {
            MtaSession session =
                    open(
                            server,
                            Scheme.SMTP,
                            Samples.endless(() -> {}),
                            phase -> Duration.ofMillis(phase == Phase.SEND ? 300 : 10_000),
                            25);
            session.give(Samples.task(1, "a@dest.test"));
            next(SessionReport.Ready.class);
            SessionReport.Finished finished = next(SessionReport.Finished.class);
            assertEquals(List.of(new MsgId(1).envelope(1)), finished.untried());
            assertEquals(new RouteVerdict.Network("Timeout while sending"), verdict());
        }
    }

    @Test
    @DisplayName("F-59: a server that takes no content is left when the agent says so")
    void zeroWindowIsBrokenOff() throws Exception {
        CountDownLatch muchSent = new CountDownLatch(500);
        ContentSource endless = Samples.endless(muchSent::countDown);
        try (ScriptedServer server = ScriptedServer.start(STALLING)) {
            MtaSession session = busy(server, endless, Samples.task(1, "a@dest.test"));
            boolean all = muchSent.await(1, TimeUnit.SECONDS);
            session.abort();
            SessionReport.Finished finished = next(SessionReport.Finished.class);
            assertEquals(List.of(new MsgId(1).envelope(1)), finished.untried());
            assertInstanceOf(RouteVerdict.Network.class, verdict());
            assertFalse(all, "the server took it all");
        }
    }

    @Test
    @DisplayName("F-60: more replies than commands end the session as out of step")
    void extraRepliesAreOutOfStep() throws Exception {
        String script =
                PIPELINED
                        + """
                        C: MAIL
                        C: RCPT
                        C: DATA
                        S: 250 ok
                        S: 250 ok
                        S: 250 ok
                        S: 354 go
                        HANG
                        """;
        SessionReport.Finished finished =
                deliver(script, Samples.content("x\r\n"), Samples.task(1, "a@dest.test"));
        assertEquals(1, finished.untried().size());
        RouteVerdict.Broken broken = assertInstanceOf(RouteVerdict.Broken.class, verdict());
        assertEquals(RouteVerdict.Step.OUT_OF_STEP, broken.step());
    }

    @Test
    @DisplayName("F-60: fewer replies than commands end the session as out of step")
    void missingRepliesAreOutOfStep() throws Exception {
        String script =
                PIPELINED
                        + """
                        C: MAIL
                        C: RCPT
                        C: DATA
                        S: 250 ok
                        HANG
                        """;
        try (ScriptedServer server = ScriptedServer.start(script)) {
            MtaSession session =
                    open(
                            server,
                            Scheme.SMTP,
                            Samples.content("x\r\n"),
                            phase ->
                                    phase == Phase.RCPT
                                            ? Duration.ofMillis(300)
                                            : Duration.ofSeconds(10),
                            25);
            session.give(Samples.task(1, "a@dest.test"));
            next(SessionReport.Ready.class);
            assertEquals(1, next(SessionReport.Finished.class).untried().size());
            RouteVerdict.Broken broken = assertInstanceOf(RouteVerdict.Broken.class, verdict());
            assertEquals(RouteVerdict.Step.OUT_OF_STEP, broken.step());
        }
    }
}
