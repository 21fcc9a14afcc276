package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Esc;
import smtpd.core.mail.Outcome;
import smtpd.testkit.smtp.ScriptedServer;

import java.util.List;

/// What a server offers, and what a session makes of it.
class ExtensionsTest extends MtaSessionFixture {
    private static String greeting(String... offers) {
        StringBuilder script =
                new StringBuilder("S: 220 hi\nC: EHLO client.example.org\nS: 250-mx");
        for (String offer : offers) {
            script.append(" ¶ 250-").append(offer);
        }
        return script.append(" ¶ 250 HELP\n").toString();
    }

    private static List<Outcome> outcomes(SessionReport.Finished finished) {
        return finished.results().stream().map(DeliveryResult::outcome).toList();
    }

    @Test
    void contentGoesOutInChunksWhereChunkingIsOffered() throws Exception {
        String script =
                greeting("PIPELINING", "CHUNKING", "8BITMIME")
                        + """
                        C: MAIL FROM:<sender@example.org>
                        C: RCPT TO:<a@dest.test>
                        S: 250 2.1.0 ok
                        S: 250 2.1.5 ok
                        C: BDAT 5
                        C: .hi
                        C: BDAT 6 LAST
                        C: .
                        C: x
                        S: 250 5 octets
                        S: 250 2.0.0 taken
                        """
                        + BYE;
        SessionReport.Finished finished =
                deliver(
                        script,
                        Samples.content(".hi\r\n", ".\nx\r\n"),
                        Samples.task(1, "a@dest.test"));
        assertEquals("250 2.0.0 taken", only(finished).text());
    }

    @Test
    void withoutPipeliningAChunkWaitsForTheReplyToTheLast() throws Exception {
        String script =
                greeting("CHUNKING", "8BITMIME")
                        + """
                        C: MAIL FROM:<sender@example.org>
                        S: 250 2.1.0 ok
                        C: RCPT TO:<a@dest.test>
                        S: 250 2.1.5 ok
                        C: BDAT 4
                        C: hi
                        S: 250 ok
                        C: BDAT 3 LAST
                        C: x
                        S: 250 2.0.0 taken
                        """
                        + BYE;
        assertEquals(
                Outcome.OK,
                only(deliver(
                                script,
                                Samples.content("hi\r\n", "x\r\n"),
                                Samples.task(1, "a@dest.test")))
                        .outcome());
    }

    @Test
    void aRefusedChunkEndsTheTransactionAndResetComesBeforeTheNext() throws Exception {
        String script =
                greeting("CHUNKING", "8BITMIME")
                        + """
                        C: MAIL FROM:<sender@example.org>
                        S: 250 2.1.0 ok
                        C: RCPT TO:<a@dest.test>
                        S: 250 2.1.5 ok
                        C: BDAT 4
                        C: hi
                        S: 552 5.3.4 too much
                        C: RSET
                        S: 250 ok
                        C: MAIL FROM:<sender@example.org>
                        S: 550 no more
                        """
                        + BYE;
        try (ScriptedServer server = ScriptedServer.start(script)) {
            MtaSession session = open(server, Scheme.SMTP, Samples.content("hi\r\n", "x\r\n"));
            session.give(Samples.task(1, "a@dest.test"));
            session.give(Samples.task(2, "a@dest.test"));
            session.finish();
            next(SessionReport.Ready.class);
            DeliveryResult first = only(next(SessionReport.Finished.class));
            assertEquals(Outcome.PERMFAIL, first.outcome());
            assertEquals(new Esc(5, 3, 4), first.status());
            next(SessionReport.Finished.class);
            verdict();
            assertEquals(List.of(), server.failures());
        }
    }

    @Test
    @DisplayName("F-57: a connection lost after the last chunk is uncertain, and tried again")
    void aConnectionLostAfterTheLastChunkIsUncertain() throws Exception {
        String script =
                greeting("PIPELINING", "CHUNKING", "8BITMIME")
                        + """
                        C: MAIL FROM:<sender@example.org>
                        C: RCPT TO:<a@dest.test>
                        S: 250 2.1.0 ok
                        S: 250 2.1.5 ok
                        C: BDAT 4 LAST
                        C: hi
                        CLOSE
                        """;
        DeliveryResult result =
                only(deliver(script, Samples.content("hi\r\n"), Samples.task(1, "a@dest.test")));
        assertEquals(Outcome.TEMPFAIL, result.outcome());
        assertEquals(new Esc(4, 4, 2), result.status());
    }

    @Test
    void limitsAreObeyed() throws Exception {
        String script =
                greeting("PIPELINING", "8BITMIME", "LIMITS RCPTMAX=3 RCPTDOMAINMAX=1 MAILMAX=3")
                        + transaction("a@x.test", "b@x.test", "c@x.test")
                        + transaction("d@x.test")
                        + transaction("e@y.test")
                        + BYE;
        SessionReport.Finished finished =
                deliver(
                        script,
                        Samples.content("hi\r\n"),
                        Samples.task(
                                1,
                                "a@x.test",
                                "b@x.test",
                                "c@x.test",
                                "d@x.test",
                                "e@y.test",
                                "f@z.test"));
        assertEquals(5, finished.results().size());
        assertEquals(List.of(Samples.envelope(1, 6, "f@z.test").id()), finished.untried());
    }

    private static String transaction(String... rcpts) {
        StringBuilder script = new StringBuilder("C: MAIL FROM:<sender@example.org>\n");
        for (String rcpt : rcpts) {
            script.append("C: RCPT TO:<").append(rcpt).append(">\n");
        }
        script.append("C: DATA\nS: 250 ok\n");
        script.append("S: 250 ok\n".repeat(rcpts.length));
        return script.append("S: 354 go\nCONTENT\nS: 250 taken\n").toString();
    }

    @Test
    void aMessageOverTheSizeOfTheServerIsNotSent() throws Exception {
        String script = greeting("SIZE 10") + BYE;
        DeliveryResult result =
                unfit(deliver(script, Samples.content("x\r\n"), Samples.task(1, "a@dest.test")));
        assertEquals(new Esc(5, 3, 4), result.status());
        assertEquals(Outcome.PERMFAIL, result.outcome());
    }

    @Test
    @DisplayName("F-41: 8-bit text is re-encoded for a server without 8BITMIME")
    void eightBitTextIsReEncodedForASevenBitServer() throws Exception {
        String script =
                greeting("SIZE")
                        + """
                        C: MAIL FROM:<sender@example.org> SIZE=124
                        S: 250 2.1.0 ok
                        C: RCPT TO:<a@dest.test>
                        S: 250 2.1.5 ok
                        C: DATA
                        S: 354 go
                        CONTENT
                        S: 250 2.0.0 taken
                        """
                        + BYE;
        try (ScriptedServer server = ScriptedServer.start(script)) {
            SessionReport.Finished finished =
                    deliver(
                            server,
                            Samples.content(
                                    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=",
                                    "utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n"),
                            Samples.task(1, "a@dest.test"));
            assertEquals(List.of(Outcome.OK), outcomes(finished));
            verdict();
            assertEquals(List.of(), server.failures());
            assertEquals(
                    List.of(
                            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                    + "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                                    + "Gr=C3=BC=C3=9Fe\r\n.\r\n"),
                    server.contents());
        }
    }

    @Test
    @DisplayName("F-41: signed 8-bit content is reported as 5.6.3 to a 7-bit server, never changed")
    void signedEightBitContentIsNotSentToASevenBitServer() throws Exception {
        String signed =
                "MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n"
                        + "--b\r\n\r\nü\r\n--b\r\n\r\nsignature\r\n--b--\r\n";
        DeliveryResult result =
                unfit(
                        deliver(
                                greeting("SIZE") + BYE,
                                Samples.content(signed),
                                Samples.task(1, "a@d.test")));
        assertEquals(Outcome.PERMFAIL, result.outcome());
        assertEquals(new Esc(5, 6, 3), result.status());
        assertTrue(result.text().contains("signed"), result.text());
    }

    @Test
    @DisplayName("F-40: an internationalized address needs SMTPUTF8; others of the message go out")
    void anInternationalizedRecipientFailsAloneWithoutSmtpUtf8() throws Exception {
        String script = greeting("PIPELINING", "8BITMIME") + transaction("a@dest.test") + BYE;
        SessionReport.Finished finished =
                deliver(
                        script,
                        Samples.content("x\r\n"),
                        Samples.task(1, "ä@dest.test", "a@dest.test"));
        assertEquals(List.of(Outcome.OK), outcomes(finished));
        assertEquals(new Esc(5, 6, 7), unfit(finished).status());
    }

    @Test
    void anInternationalizedRecipientIsNamedWhereTheServerTakesIt() throws Exception {
        String script =
                greeting("PIPELINING", "8BITMIME", "SMTPUTF8")
                        + transaction("ä@dest.test")
                                .replace("example.org>\n", "example.org> BODY=8BITMIME SMTPUTF8\n")
                        + BYE;
        assertEquals(
                List.of(Outcome.OK),
                outcomes(
                        deliver(script, Samples.content("x\r\n"), Samples.task(1, "ä@dest.test"))));
    }

    private static Task utf8Task(String rcpt) {
        Task plain = Samples.task(1, rcpt);
        Envelope it = plain.envelopes().getFirst();
        Envelope.Origin origin = it.origin();
        Envelope.Origin utf8 =
                new Envelope.Origin(
                        origin.tag(),
                        origin.smtpName(),
                        origin.helo(),
                        origin.hostName(),
                        origin.address(),
                        origin.userName(),
                        new Envelope.OriginFlags(false, false, false, true));
        Envelope envelope =
                new Envelope(
                        it.id(),
                        utf8,
                        it.sender(),
                        it.rcpt(),
                        it.dest(),
                        it.target(),
                        it.dsn(),
                        it.created(),
                        it.ttl(),
                        it.state());
        return new Task(plain.msgid(), plain.size(), plain.sender(), List.of(envelope), 0);
    }

    @Test
    @DisplayName("F-40: an internationalized header is 5.6.7 without SMTPUTF8, never taken down")
    void anInternationalizedHeaderIsNotSentWithoutSmtpUtf8() throws Exception {
        DeliveryResult result =
                unfit(
                        deliver(
                                greeting("PIPELINING", "8BITMIME") + BYE,
                                Samples.content("Subject: ä\r\n\r\nx\r\n"),
                                utf8Task("a@dest.test")));
        assertEquals(Outcome.PERMFAIL, result.outcome());
        assertEquals(new Esc(5, 6, 7), result.status());
    }

    @Test
    void aMessageThatOnlySaysSmtpUtf8GoesOutWithoutIt() throws Exception {
        assertEquals(
                List.of(Outcome.OK),
                outcomes(
                        deliver(
                                greeting("PIPELINING", "8BITMIME")
                                        + transaction("a@dest.test")
                                        + BYE,
                                Samples.content("Subject: a\r\n\r\nx\r\n"),
                                utf8Task("a@dest.test"))));
    }

    @Test
    void aDomainIsNamedByItsALabelsWhereSmtpUtf8IsNotOffered() throws Exception {
        assertEquals(
                List.of(Outcome.OK),
                outcomes(
                        deliver(
                                greeting("PIPELINING", "8BITMIME")
                                        + transaction("a@xn--bcher-kva.test")
                                        + BYE,
                                Samples.content("x\r\n"),
                                Samples.task(1, "a@bücher.test"))));
    }
}
