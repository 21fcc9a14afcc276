package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;

import org.junit.jupiter.api.Test;

import smtpd.core.mail.Outcome;
import smtpd.core.mail.SessionId;
import smtpd.core.stat.Statistics;

import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A server that is not ours at the far end.
final class GreenMailTest {
    @Test
    void messagesArriveWholeAndForAllRecipients() throws Exception {
        GreenMail server =
                new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        server.start();
        BlockingQueue<SessionReport> reports = new LinkedBlockingQueue<>();
        try {
            RouteKey route =
                    new RouteKey(
                            "",
                            "127.0.0.1",
                            server.getSmtp().getPort(),
                            Scheme.SMTP,
                            new RouteKey.Helo("client.example.org", ""));
            String content = "Subject: hello\r\n\r\nfirst\r\n.dot\r\n";
            SessionThreads threads =
                    new SessionThreads(
                            Runnable::run,
                            Samples.content(content),
                            new MtaSession.Desk(
                                    (table, address) -> Optional.empty(),
                                    Secrets.NONE,
                                    Trust.NOBODY),
                            InstantSource.fixed(Samples.NOW),
                            Statistics.NONE);
            OpenSession session =
                    threads.open(
                            new SessionPlan(new SessionId(1), route, "localhost", 25, true),
                            reports::add);
            session.give(Samples.task(1, "a@dest.test", "b@dest.test"));
            session.give(Samples.task(2, "a@dest.test"));
            session.finish();
            int taken = 0;
            SessionReport report;
            do {
                report = reports.poll(20, TimeUnit.SECONDS);
                if (report instanceof SessionReport.Finished finished) {
                    assertEquals(Outcome.OK, finished.results().getFirst().outcome());
                    taken += finished.results().size();
                }
            } while (report != null && !(report instanceof SessionReport.Ended));
            assertEquals(new SessionReport.Ended(new RouteVerdict.Fine()), report);
            assertEquals(3, taken);
            assertEquals(3, server.getReceivedMessages().length);
            assertEquals(
                    "first\r\n.dot",
                    server.getReceivedMessages()[0].getContent().toString().strip());
        } finally {
            server.stop();
        }
    }
}
