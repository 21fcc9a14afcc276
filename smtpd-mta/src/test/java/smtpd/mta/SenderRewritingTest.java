package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Limits;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.Peer.Answer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The sender of a forwarded message under `srs`.
class SenderRewritingTest {
    private final FakeAgenda agenda = new FakeAgenda();
    private final FakePeer<MtaToLka, LkaToMta> lka = new FakePeer<>(agenda);
    private final List<String> delivered = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();
    private Answer<LkaToMta> answer = found("SRS0=x=y=z=joe@mx.example.org");

    private static Answer<LkaToMta> found(String sender) {
        return new Answer.Got<>(new LkaToMta.SenderResult(LookupAnswer.FOUND, MailAddr.of(sender)));
    }

    private Destinations destinations(String mailFrom, boolean srs) {
        lka.answers =
                question -> {
                    asked.add(question.toString());
                    return answer;
                };
        Dispatcher.Remote action =
                new Dispatcher.Remote(
                        "relay",
                        new Dispatcher.Target.Mx(),
                        new Dispatcher.Identity("", "", "", mailFrom, srs),
                        Dispatcher.RelayTls.DEFAULT,
                        "",
                        Duration.ZERO);
        return new Destinations(
                new MtaConfig("mx.example.org", Map.of("relay", action), Limits.Mta.DEFAULT),
                new Resolver(lka, agenda, "mx.example.org", list -> {}),
                agenda,
                new Destinations.Deliveries() {
                    @Override
                    public void add(Dispatcher.Remote by, RelayKey.NextHop hop, Task task) {
                        delivered.add(line(task));
                    }

                    @Override
                    public void fail(Task task, Failure failure) {
                        failed.add(line(task) + ": " + failure.text());
                    }

                    @Override
                    public void go() {}
                });
    }

    private static String line(Task task) {
        return task.sender()
                + " > "
                + String.join(
                        " ", task.envelopes().stream().map(it -> it.dest().toString()).toList());
    }

    private static Envelope envelope(int low, String sender, String rcpt, String dest) {
        return new Envelope(
                new MsgId(1).envelope(low),
                Samples.envelope(1, 1, rcpt).origin(),
                sender.isEmpty() ? MailAddr.NULL : MailAddr.of(sender),
                MailAddr.of(rcpt),
                MailAddr.of(dest),
                new Envelope.Target.Mta("relay"),
                Dsn.NONE,
                Samples.NOW,
                Duration.ofDays(4),
                Envelope.State.NEW);
    }

    private void take(Destinations destinations, Envelope... envelopes) {
        destinations.take(new QueueToMta.Transfer(new MsgId(1), 10, List.of(envelopes)));
    }

    @Test
    void forwardedRecipientsGetTheRewrittenSenderAndTheOthersTheirOwn() {
        take(
                destinations("", true),
                envelope(1, "joe@far.example", "list@here.example", "a@d.test"),
                envelope(2, "joe@far.example", "b@d.test", "b@d.test"),
                envelope(3, "joe@far.example", "list@here.example", "c@d.test"),
                envelope(4, "joe@far.example", "d@D.test", "d@d.test"));
        agenda.pass(Duration.ofSeconds(1));
        assertEquals(
                List.of(
                        "joe@far.example > b@d.test d@d.test",
                        "SRS0=x=y=z=joe@mx.example.org > a@d.test c@d.test"),
                delivered);
        assertEquals(1, asked.size());
    }

    @Test
    void nothingIsRewrittenWithoutTheOption() {
        take(destinations("", false), envelope(1, "joe@far.example", "l@here.test", "a@d.test"));
        agenda.pass(Duration.ofSeconds(1));
        assertEquals(List.of("joe@far.example > a@d.test"), delivered);
        assertEquals(List.of(), asked);
    }

    @Test
    void nullSenderIsNeverRewritten() {
        take(destinations("", true), envelope(1, "", "l@here.test", "a@d.test"));
        agenda.pass(Duration.ofSeconds(1));
        assertEquals(List.of(" > a@d.test"), delivered);
        assertEquals(List.of(), asked);
    }

    @Test
    void mailFromGoesBeforeSrs() {
        take(destinations("x@y", true), envelope(1, "joe@far.example", "l@here.test", "a@d.test"));
        agenda.pass(Duration.ofSeconds(1));
        assertEquals(List.of("x@y > a@d.test"), delivered);
    }

    @Test
    @DisplayName("F-78 a sender that cannot be rewritten now defers the message")
    void notNow() {
        answer = new Answer.Got<>(new LkaToMta.SenderResult(LookupAnswer.TEMPFAIL, MailAddr.NULL));
        take(destinations("", true), envelope(1, "joe@far.example", "l@here.test", "a@d.test"));
        agenda.pass(Duration.ofSeconds(1));
        assertEquals(List.of("joe@far.example > a@d.test: Could not rewrite the sender"), failed);
        assertEquals(List.of(), delivered);
    }

    @Test
    void whatAQueueWaitedForIsNotDoneForTheNext() {
        Destinations destinations = destinations("", true);
        take(destinations, envelope(1, "joe@far.example", "l@here.test", "a@d.test"));
        destinations.forgetTasks();
        agenda.pass(Duration.ofSeconds(1));
        assertEquals(List.of(), delivered);
        assertEquals(List.of(), failed);
    }
}
