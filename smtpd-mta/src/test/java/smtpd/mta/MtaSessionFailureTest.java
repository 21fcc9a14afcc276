package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Outcome;
import smtpd.testkit.smtp.ScriptedServer;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

final class MtaSessionFailureTest extends MtaSessionFixture {
    @Test
    @DisplayName("F-61: an LMTP recipient without a reply is a tempfail, the others stand")
    void lmtpMissingReply() throws Exception {
        String script =
                """
                S: 220 lmtp
                C: LHLO client.example.org
                S: 250-lmtp
                S: 250 PIPELINING
                C: MAIL
                C: RCPT
                C: RCPT
                C: RCPT
                C: DATA
                S: 250 ok
                S: 250 ok
                S: 250 ok
                S: 250 ok
                S: 354 go
                CONTENT
                S: 250 first
                S: 550 5.2.1 second
                CLOSE
                """;
        try (ScriptedServer server = ScriptedServer.start(script)) {
            MtaSession session = open(server, Scheme.LMTP, Samples.content("x\r\n"));
            session.give(Samples.task(1, "a@d.test", "b@d.test", "c@d.test"));
            next(SessionReport.Ready.class);
            SessionReport.Finished finished = next(SessionReport.Finished.class);
            assertEquals(
                    List.of(Outcome.OK, Outcome.PERMFAIL, Outcome.TEMPFAIL),
                    finished.results().stream().map(DeliveryResult::outcome).toList());
            verdict();
            assertEquals(List.of(), server.failures());
        }
    }

    @Test
    @DisplayName("F-61: more LMTP replies than recipients end the session as out of step")
    void lmtpExtraReply() throws Exception {
        String script =
                """
                S: 220 lmtp
                C: LHLO
                S: 250 PIPELINING
                C: MAIL
                S: 250 ok
                C: RCPT
                S: 250 ok
                C: DATA
                S: 354 go
                CONTENT
                S: 250 first ¶ 250 second
                HANG
                """;
        try (ScriptedServer server = ScriptedServer.start(script)) {
            MtaSession session = open(server, Scheme.LMTP, Samples.content("x\r\n"));
            session.give(Samples.task(1, "a@d.test"));
            session.finish();
            next(SessionReport.Ready.class);
            assertEquals(Outcome.OK, only(next(SessionReport.Finished.class)).outcome());
            RouteVerdict.Broken broken = assertInstanceOf(RouteVerdict.Broken.class, verdict());
            assertEquals(RouteVerdict.Step.OUT_OF_STEP, broken.step());
        }
    }

    @Test
    @DisplayName("F-55: what is no reply ends the session, bounded and escaped")
    void garbageIsBroken() throws Exception {
        for (String garbage :
                List.of(
                        "999 what",
                        "2x0 what",
                        "250-a\nS: 550 b",
                        "\u001b[31mred",
                        "220" + "x".repeat(100_000))) {
            try (ScriptedServer server = ScriptedServer.start("S: " + garbage + "\nHANG\n")) {
                open(server, Scheme.SMTP, Samples.content());
                RouteVerdict.Broken broken =
                        assertInstanceOf(RouteVerdict.Broken.class, verdict(), garbage);
                assertTrue(broken.reason().length() < 300, broken.reason());
                assertTrue(broken.reason().chars().allMatch(c -> c >= ' ' && c < 0x7f));
            }
        }
    }

    @Test
    @DisplayName("F-55: a reply with an endless number of lines ends the session")
    void endlessReplyIsBroken() throws Exception {
        String script = "S: 220-more\n".repeat(1000) + "HANG\n";
        try (ScriptedServer server = ScriptedServer.start(script)) {
            open(server, Scheme.SMTP, Samples.content());
            assertInstanceOf(RouteVerdict.Broken.class, verdict());
        }
    }

    @Test
    void contentThatIsLostInTheMiddleIsNeverFinished() throws Exception {
        ContentSource content =
                msgid ->
                        new ContentSource.Content() {
                            private int calls;

                            @Override
                            public Bytes next() throws ContentSource.ContentLost {
                                if (calls++ == 0) {
                                    return Bytes.of("first\r\n");
                                }
                                throw new ContentSource.ContentLost("queue died");
                            }

                            @Override
                            public void close() {}
                        };
        String script = PIPELINED + GO + "CONTENT\nS: 250 never\n";
        try (ScriptedServer server = ScriptedServer.start(script)) {
            SessionReport.Finished finished =
                    deliver(server, content, Samples.task(1, "a@dest.test"));
            assertEquals(Outcome.TEMPFAIL, only(finished).outcome());
            assertEquals(new RouteVerdict.Fine(), verdict());
            server.await();
            assertEquals(List.of(), server.contents());
        }
    }

    /// Content in two pieces; something happens before the second.
    private static ContentSource interrupted(Runnable between) {
        return msgid ->
                new ContentSource.Content() {
                    private int calls;

                    @Override
                    public @Nullable Bytes next() {
                        if (calls++ == 0) {
                            return Bytes.of("first\r\n");
                        }
                        between.run();
                        return calls == 2 ? Bytes.of("second\r\n") : null;
                    }

                    @Override
                    public void close() {}
                };
    }

    @Test
    void aMessageWhoseQueueIsGoneIsNotFinishedAndTheServerNotBlamed() throws Exception {
        AtomicReference<MtaSession> session = new AtomicReference<>();
        ContentSource content = interrupted(() -> session.get().drop());
        String script = PIPELINED + GO + "CONTENT\nS: 250 never\n";
        try (ScriptedServer server = ScriptedServer.start(script)) {
            session.set(open(server, Scheme.SMTP, content));
            session.get().give(Samples.task(1, "a@dest.test"));
            next(SessionReport.Ready.class);
            SessionReport.Finished finished = next(SessionReport.Finished.class);
            assertEquals(Outcome.TEMPFAIL, only(finished).outcome());
            assertEquals(new RouteVerdict.Fine(), verdict());
            server.await();
            assertEquals(List.of(), server.contents());
        }
    }

    @Test
    void aSessionWhoseQueueIsGoneBeginsNothingMoreAndQuits() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(PIPELINED + ONE_MESSAGE + BYE)) {
            ContentSource content = Samples.content("x\r\n");
            MtaSession session = busy(server, content, Samples.task(1, "a@dest.test"));
            assertEquals(Outcome.OK, only(next(SessionReport.Finished.class)).outcome());
            session.drop();
            session.give(Samples.task(2, "a@dest.test"));
            assertEquals(new RouteVerdict.Fine(), verdict());
            server.await();
            assertEquals(List.of(), server.failures());
        }
    }

    @Test
    void aServerThatHangsWhenTheQueueIsGoneIsNotBlamed() throws Exception {
        try (ScriptedServer server =
                ScriptedServer.start(PIPELINED + "C: MAIL\nC: RCPT\nC: DATA\nSTALL\n")) {
            MtaSession session =
                    busy(server, Samples.content("x\r\n"), Samples.task(1, "a@dest.test"));
            session.drop();
            session.abort();
            SessionReport last = next(SessionReport.class);
            while (!(last instanceof SessionReport.Ended)) {
                last = next(SessionReport.class);
            }
            assertEquals(new SessionReport.Ended(new RouteVerdict.Fine()), last);
        }
    }

    @Test
    void aRejectedMailFailsAllRecipientsAndTheSessionGoesOn() throws Exception {
        String script =
                PIPELINED
                        + """
                        C: MAIL
                        C: RCPT
                        C: DATA
                        S: 550 5.7.1 not you
                        S: 503 no
                        S: 503 no
                        """
                        + ONE_MESSAGE
                        + BYE;
        try (ScriptedServer server = ScriptedServer.start(script)) {
            busy(
                            server,
                            Samples.content("x\r\n"),
                            Samples.task(1, "a@dest.test"),
                            Samples.task(2, "a@dest.test"))
                    .finish();
            assertEquals("550 5.7.1 not you", only(next(SessionReport.Finished.class)).text());
            assertEquals(Outcome.OK, only(next(SessionReport.Finished.class)).outcome());
            verdict();
            assertEquals(List.of(), server.failures());
        }
    }

    @Test
    void afterAllRecipientsFailedNothingIsSentAndTheNextTransactionBeginsWithRset()
            throws Exception {
        String script =
                PIPELINED
                        + """
                        C: MAIL
                        C: RCPT
                        C: DATA
                        S: 250 ok
                        S: 550 5.1.1 nobody
                        S: 354 go
                        C: .
                        S: 554 5.5.1 no recipients
                        C: RSET
                        """
                        + ONE_MESSAGE.replace("S: 250 2.1.0", "S: 250 reset\nS: 250 2.1.0")
                        + BYE;
        try (ScriptedServer server = ScriptedServer.start(script)) {
            busy(
                            server,
                            Samples.content("x\r\n"),
                            Samples.task(1, "a@dest.test"),
                            Samples.task(2, "a@dest.test"))
                    .finish();
            assertEquals(Outcome.PERMFAIL, only(next(SessionReport.Finished.class)).outcome());
            assertEquals(Outcome.OK, only(next(SessionReport.Finished.class)).outcome());
            verdict();
            assertEquals(List.of(), server.failures());
        }
    }

    @Test
    @DisplayName("F-14: a quoted local part goes out as it came")
    void quotedLocalPartIsKept() throws Exception {
        String script =
                PIPELINED + ONE_MESSAGE.replace("<a@dest.test>", "<\"a b\\\"c\"@dest.test>") + BYE;
        SessionReport.Finished finished =
                deliver(
                        script,
                        Samples.content("x\r\n"),
                        Samples.task(1, "\"a b\\\"c\"@dest.test"));
        assertEquals(Outcome.OK, only(finished).outcome());
    }

    @Test
    @DisplayName("F-84: an address that could end a command is never sent")
    void addressWithControlsIsNotSent() throws Exception {
        SessionReport.Finished finished =
                deliver(
                        PIPELINED + BYE,
                        Samples.content("x\r\n"),
                        Samples.task(1, "a>\r\nRCPT TO:<b@dest.test"));
        assertEquals(Outcome.PERMFAIL, only(finished).outcome());
    }

    @Test
    void aServerThatRefusesEverybodyIsLeft() throws Exception {
        String script =
                PLAIN
                        + """
                        C: MAIL
                        S: 250 ok
                        C: RCPT
                        S: 550 no
                        C: RCPT
                        S: 550 no
                        """
                        + BYE;
        try (ScriptedServer server = ScriptedServer.start(script)) {
            MtaSession session =
                    open(
                            server,
                            Scheme.SMTP,
                            Samples.content("x\r\n"),
                            phase -> Duration.ofSeconds(10),
                            2);
            session.give(Samples.task(1, "a@dest.test", "b@dest.test"));
            next(SessionReport.Ready.class);
            assertEquals(2, next(SessionReport.Finished.class).results().size());
            assertEquals(new RouteVerdict.Fine(), verdict());
            assertEquals(List.of(), server.failures());
        }
    }

    @Test
    void mailThatNeedsTlsIsNotSentWhereThereIsNone() throws Exception {
        for (Scheme scheme : List.of(Scheme.SMTP_TLS, Scheme.SMTP_TLS_ANY)) {
            try (ScriptedServer server = ScriptedServer.start(PLAIN)) {
                open(server, scheme, Samples.content());
                assertEquals(
                        new RouteVerdict.Untrusted("TLS required but not supported by remote host"),
                        verdict());
                assertEquals("[[EHLO client.example.org]]", server.heard().toString());
            }
        }
    }
}
