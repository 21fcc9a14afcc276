package smtpd.mda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Limits;
import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.LkaToMda;
import smtpd.core.imsg.MdaToLka;
import smtpd.core.imsg.MdaToQueue;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.Outcome;
import smtpd.core.stat.PushedStatistics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

final class MdaAgentTest {
    private static final Limits.Mda LIMITS = new Limits.Mda(3, 2, new Limits.Tasks(4, 3, 2));

    private final FakePeer<MdaToQueue, QueueToMda> queue = new FakePeer<>();
    private final FakePeer<MdaToLka, LkaToMda> lka = new FakePeer<>();
    private final FakeAgenda agenda = new FakeAgenda();
    private final List<String> log = new ArrayList<>();
    private final List<Started> started = new ArrayList<>();
    private final PushedStatistics statistics = new PushedStatistics();
    private final MdaAgent agent =
            new MdaAgent(
                    List.of(
                            Samples.maildir("local"),
                            Samples.action("vmail", new Dispatcher.Method.Lmtp("/lmtp", true)),
                            new Dispatcher.Local(
                                    "shared",
                                    new Dispatcher.Method.Maildir("", false),
                                    new Dispatcher.Users("", "", "", "owner"),
                                    "",
                                    Duration.ZERO)),
                    LIMITS,
                    new MdaAgent.Ports(
                            queue,
                            lka,
                            (delivery, done) -> started.add(new Started(delivery, done)),
                            agenda,
                            statistics,
                            log::add));

    private record Started(Delivery delivery, Consumer<List<Verdict>> done) {
        void end(Verdict verdict) {
            done.accept(delivery.envelopes().stream().map(each -> verdict).toList());
        }
    }

    private void hand(Envelope... envelopes) {
        agent.fromQueue()
                .receive(0, new QueueToMda.Deliver(Samples.MSGID, 100, List.of(envelopes)));
    }

    private void found(String name) {
        lka.reply(new LkaToMda.UserFound(new UserRecord(name, 1000, 1000, "/home/" + name)));
    }

    private List<DeliveryResult> results() {
        agenda.runAll();
        return queue.sent.stream()
                .filter(MdaToQueue.Results.class::isInstance)
                .flatMap(each -> ((MdaToQueue.Results) each).results().stream())
                .toList();
    }

    @Test
    void aDeliveryStartsOnceItsUserIsKnownAndItsResultGoesToTheQueue() {
        hand(Samples.envelope(1, "local", "gilles"));
        assertEquals(List.of(new MdaToLka.LookupUser("local", "gilles")), lka.asked);
        assertTrue(started.isEmpty());
        found("gilles");
        started.getFirst().end(Verdict.DELIVERED);
        assertEquals(1, results().size());
        assertEquals(Outcome.OK, results().getFirst().outcome());
        assertEquals(Samples.MSGID.envelope(1), results().getFirst().id());
    }

    @Test
    void resultsOfOneTurnTravelInOneMessage() {
        hand(Samples.envelope(1, "local", "gilles"), Samples.envelope(2, "local", "gilles"));
        found("gilles");
        started.get(0).end(Verdict.DELIVERED);
        started.get(1).end(Verdict.LOOP);
        agenda.runAll();
        assertEquals(1, queue.sent.size());
        assertEquals(2, ((MdaToQueue.Results) queue.sent.getFirst()).results().size());
    }

    @Test
    @DisplayName("F-84: the log line has OpenSMTPD's form and no raw control character")
    void logLine() {
        Envelope envelope =
                Samples.envelope(
                        1,
                        MailAddr.of("\"a\nb\"@example.org"),
                        MailAddr.of("info@example.com"),
                        new Target.Mda("local", "gilles", "", ""));
        hand(envelope, Samples.envelope(2, "local", "gilles"));
        found("gilles");
        started.get(0).end(Verdict.tempfail("4.2.2", "disk\r\nfull \u001b[31m"));
        started.get(1).end(Verdict.LOOP);
        String id = log.getFirst().substring(0, 16);
        assertTrue(id.matches("[0-9a-f]{16}"));
        assertEquals(
                id
                        + " mda delivery evpid=0badcafe00000001 from=<\"a\\nb\"@example.org>"
                        + " to=<info@example.com> user=gilles delay=1m5s result=TempFail"
                        + " stat=Error (disk\\r\\nfull \\x1b[31m)",
                log.get(0));
        assertEquals(
                id
                        + " mda delivery evpid=0badcafe00000002 from=<sender@example.org>"
                        + " to=<gilles@example.com> user=gilles delay=1m5s result=PermFail"
                        + " stat=Loop detected",
                log.get(1));
    }

    @Test
    void rcptIsLoggedWhenItIsNotTheDestination() {
        Envelope plain = Samples.envelope(1, "local", "gilles");
        Envelope expanded =
                new Envelope(
                        plain.id(),
                        plain.origin(),
                        plain.sender(),
                        MailAddr.of("root@example.com"),
                        plain.dest(),
                        plain.target(),
                        plain.dsn(),
                        plain.created(),
                        plain.ttl(),
                        plain.state());
        hand(expanded);
        found("gilles");
        started.getFirst().end(Verdict.DELIVERED);
        assertTrue(
                log.getFirst()
                        .contains(
                                " to=<gilles@example.com> rcpt=<root@example.com> user=gilles"
                                        + " delay=1m5s result=Ok stat=Delivered"));
    }

    @Test
    void oneUserGetsNoMoreThanItsSessionsAndAllUsersNoMoreThanTheTotal() {
        hand(
                Samples.envelope(1, "local", "a"),
                Samples.envelope(2, "local", "a"),
                Samples.envelope(3, "local", "a"));
        hand(Samples.envelope(4, "local", "b"), Samples.envelope(5, "local", "b"));
        found("a");
        assertEquals(2, started.size());
        found("b");
        assertEquals(3, started.size());
        started.get(0).end(Verdict.DELIVERED);
        assertEquals(4, started.size());
        assertEquals("b", started.get(3).delivery().user().name());
    }

    @Test
    void aSaturatedUserHoldsFurtherEnvelopesAndAsksForThemLater() {
        hand(
                Samples.envelope(1, "local", "a"),
                Samples.envelope(2, "local", "a"),
                Samples.envelope(3, "local", "a"),
                Samples.envelope(4, "local", "a"));
        hand(Samples.envelope(5, "local", "a"), Samples.envelope(6, "local", "a"));
        MdaToQueue.Hold hold = (MdaToQueue.Hold) queue.sent.getFirst();
        assertEquals(
                List.of(Samples.MSGID.envelope(5), Samples.MSGID.envelope(6)), hold.envelopes());
        found("a");
        started.get(0).end(Verdict.DELIVERED);
        assertEquals(1, queue.sent.size());
        started.get(1).end(Verdict.DELIVERED);
        assertEquals(new MdaToQueue.Release(hold.holdq(), 2), queue.sent.get(1));
        started.get(2).end(Verdict.DELIVERED);
        assertEquals(2, queue.sent.size(), "those asked for are on their way");
        started.get(3).end(Verdict.DELIVERED);
        assertEquals(new MdaToQueue.Release(hold.holdq(), 0), queue.sent.get(2));
    }

    @Test
    void anUnknownUserIsPermanentAndASilentLkaIsNot() {
        hand(Samples.envelope(1, "local", "a"));
        lka.reply(new LkaToMda.UserUnknown());
        hand(Samples.envelope(2, "local", "b"));
        lka.lose();
        hand(Samples.envelope(3, "local", "c"));
        lka.reply(new LkaToMda.UserTempfail("table down"));
        assertEquals(
                List.of(Outcome.PERMFAIL, Outcome.TEMPFAIL, Outcome.TEMPFAIL),
                results().stream().map(DeliveryResult::outcome).toList());
        assertTrue(started.isEmpty());
    }

    @Test
    void aDeadQueueIsToldNothingOfWhatItHandedOut() {
        hand(
                Samples.envelope(1, "local", "a"),
                Samples.envelope(2, "local", "a"),
                Samples.envelope(3, "local", "a"));
        found("a");
        agent.fromQueue().detached();
        started.get(0).end(Verdict.DELIVERED);
        started.get(1).end(Verdict.DELIVERED);
        assertEquals(List.of(), results());
        assertEquals(2, started.size(), "what waited is forgotten");
    }

    @Test
    void whatIsStillRunningIsNotStartedAgainForAFreshQueue() {
        hand(Samples.envelope(1, "local", "a"));
        found("a");
        agent.fromQueue().detached();
        hand(Samples.envelope(1, "local", "a"));
        assertEquals(1, started.size());
        started.getFirst().end(Verdict.DELIVERED);
        assertEquals(List.of(Outcome.OK), results().stream().map(DeliveryResult::outcome).toList());
    }

    @Test
    void recipientsOfOneLmtpTransactionAreOneDelivery() {
        hand(Samples.envelope(1, "vmail", "a"), Samples.envelope(2, "vmail", "a"));
        found("a");
        assertEquals(1, started.size());
        started.getFirst()
                .done()
                .accept(List.of(Verdict.DELIVERED, Verdict.permfail("5.1.1", "550 no")));
        assertEquals(
                List.of(Outcome.OK, Outcome.PERMFAIL),
                results().stream().map(DeliveryResult::outcome).toList());
    }

    @Test
    void anActionsOwnUserIsLookedUpInPlaceOfTheRecipient() {
        hand(Samples.envelope(1, "shared", "a"));
        assertEquals(List.of(new MdaToLka.LookupUser("shared", "owner")), lka.asked);
    }

    @Test
    void anActionThatIsGoneFromTheConfigurationIsTemporary() {
        hand(Samples.envelope(1, "gone", "a"));
        assertEquals(Outcome.TEMPFAIL, results().getFirst().outcome());
        assertTrue(lka.asked.isEmpty());
    }

    @Test
    void aUserRecordIsAskedForAgainWhenItIsOld() {
        hand(
                Samples.envelope(1, "local", "a"),
                Samples.envelope(2, "local", "a"),
                Samples.envelope(3, "local", "a"));
        found("a");
        agenda.now = agenda.now.plus(MdaUser.FRESH).plusSeconds(1);
        started.get(0).end(Verdict.DELIVERED);
        assertEquals(2, lka.asked.size());
        found("a");
        assertEquals(3, started.size());
    }

    @Test
    void drainingEndsWithTheLastRunningDelivery() {
        List<String> idle = new ArrayList<>();
        hand(Samples.envelope(1, "local", "a"), Samples.envelope(2, "local", "b"));
        found("a");
        agent.drain(() -> idle.add("idle"));
        found("b");
        assertEquals(1, started.size());
        assertTrue(idle.isEmpty());
        started.getFirst().end(Verdict.DELIVERED);
        assertEquals(List.of("idle"), idle);
        assertEquals(1, results().size());
    }

    @Test
    void everythingCountedUpIsCountedDown() {
        hand(Samples.envelope(1, "local", "a"), Samples.envelope(2, "local", "a"));
        found("a");
        started.get(0).end(Verdict.DELIVERED);
        started.get(1).end(Verdict.DELIVERED);
        statistics
                .drain()
                .updates()
                .forEach(update -> assertEquals(0, update.value(), update.key()));
    }
}
