package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Dispatcher;
import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.DnsAnswer;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.Lines;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MtaListing;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.MxHost;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Esc;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Outcome;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

final class MtaAgentTest extends MtaAgentFixture {
    @Test
    void allRecipientsOfAMessageGoOutInOneTask() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        transfer(agent(Samples.mxAction()), "a@d.test", "b@d.test", "c@d.test");
        pass(1);
        assertEquals(3, results().size());
        assertTrue(results().stream().allMatch(it -> it.outcome() == Outcome.OK));
        assertEquals(1, sessions.messages());
    }

    @Test
    void domainsWithTheSameHostShareASession() {
        MtaAgent agent = agent(Samples.mxAction());
        for (int i = 0; i < 50; i++) {
            dns.put("d" + i + ".test", mx(host(10, "192.0.2.1")));
            transfer(agent, "a@d" + i + ".test");
        }
        pass(1);
        assertEquals(50, results().size());
        assertEquals(1, sessions.all.size());
    }

    @Test
    void recipientsOfOneMessageInManyDomainsWithOneHostAreOneTransaction() {
        for (int i = 0; i < 50; i++) {
            dns.put("d" + i + ".test", mx(host(10, "192.0.2.1")));
        }
        MtaAgent agent = agent(Samples.mxAction());
        for (int round = 0; round < 2; round++) {
            transfer(
                    agent,
                    IntStream.range(0, 50)
                            .mapToObj(i -> "a@d" + i + ".test")
                            .toArray(String[]::new));
            pass(1);
            assertEquals(50 * (round + 1), results().size());
            assertEquals(round + 1, sessions.messages());
        }
        assertEquals(1, sessions.all.size());
    }

    @Test
    void aDomainThatCannotBeFoundHoldsUpItsCompanionsForAMomentOnly() {
        dns.put("d1.test", mx(host(10, "192.0.2.1")));
        MtaAgent agent = agent(Samples.mxAction());
        transfer(agent, "a@d1.test", "a@lost.test");
        agenda.pass(Traffic.GATHER);
        pass(1);
        assertEquals(Outcome.OK, only().outcome());
    }

    @Test
    void aSessionIsKeptForALaterMessageAndClosedWhenIdle() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        MtaAgent agent = agent(Samples.mxAction());
        transfer(agent, "a@d.test");
        pass(5);
        transfer(agent, "a@d.test");
        pass(5);
        assertEquals(1, sessions.all.size());
        assertEquals(1, sessions.open());
        pass(10);
        assertEquals(0, sessions.open());
    }

    @Test
    void aFullSessionHasASuccessorAtOnce() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        sessions.pace = Duration.ofMillis(1);
        MtaAgent agent = agent(Samples.mxAction());
        int taken = 0;
        for (int i = 0; i < 1000; i++) {
            transfer(agent, "a@d.test");
            agenda.pass(Duration.ofMillis(2));
            taken += i % 2;
        }
        pass(2);
        long held = queue.sent.stream().filter(MtaToQueue.Hold.class::isInstance).count();
        assertEquals(1000, results().size() + held);
        assertTrue(held < 200, "held " + held);
        assertTrue(sessions.all.stream().allMatch(it -> it.messages <= 100));
        assertEquals(500, taken);
    }

    @Test
    void theNextExchangerIsTakenWhenTheFirstIsDead() {
        dns.put("d.test", mx(host(10, "192.0.2.1"), host(20, "192.0.2.2")));
        sessions.put("192.0.2.1", FakeSessions.Server.DEAD);
        transfer(agent(Samples.mxAction()), "a@d.test");
        pass(1);
        assertEquals(Outcome.OK, only().outcome());
        assertEquals(
                List.of("192.0.2.1", "192.0.2.2"),
                sessions.all.stream().map(it -> it.plan.route().address()).toList());
    }

    @Test
    void equalPreferencesAreSpread() {
        MtaAgent agent = agent(Samples.mxAction());
        for (int i = 0; i < 40; i++) {
            String name = "d" + i + ".test";
            dns.put(
                    name,
                    mx(host(10, "192.0.2.1"), new MxHost("o.test", 10, List.of("192.0.2.2"))));
            transfer(agent, "a@" + name);
            pass(20);
        }
        long first =
                sessions.all.stream()
                        .filter(it -> it.plan.route().address().equals("192.0.2.1"))
                        .count();
        assertTrue(first > 8 && first < 32, "first " + first);
    }

    @Test
    void whenNobodyAnswersTheMessageIsDeferredAndOneProbeWasMade() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        sessions.put("192.0.2.1", FakeSessions.Server.DEAD);
        MtaAgent agent = agent(Samples.mxAction());
        for (int i = 0; i < 40; i++) {
            transfer(agent, "a@d.test");
        }
        pass(1);
        assertEquals(40, results().size());
        assertTrue(results().stream().allMatch(it -> it.outcome() == Outcome.TEMPFAIL));
        assertEquals(1, sessions.all.size());
        transfer(agent, "a@d.test");
        pass(1);
        assertEquals(1, sessions.all.size());
        pass(15);
        transfer(agent, "a@d.test");
        pass(1);
        assertEquals(2, sessions.all.size());
    }

    @Test
    @DisplayName("F-56: 421 in a greeting is told with the server's words and never bounces")
    void busyServerDefers() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        sessions.put("192.0.2.1", FakeSessions.Server.BUSY);
        transfer(agent(Samples.mxAction()), "a@d.test");
        pass(1);
        assertEquals(Outcome.TEMPFAIL, only().outcome());
        assertEquals("421 4.3.2 busy", only().text());
    }

    @Test
    @DisplayName("F-56: after 421 to a message the next exchanger gets it")
    void tiredServerPassesOn() {
        dns.put("d.test", mx(host(10, "192.0.2.1"), host(20, "192.0.2.2")));
        sessions.put("192.0.2.1", FakeSessions.Server.TIRED);
        transfer(agent(Samples.mxAction()), "a@d.test");
        pass(3);
        assertEquals(Outcome.OK, only().outcome());
    }

    @Test
    @DisplayName("F-53: NXDOMAIN is permanent, 5.1.2")
    void noDomain() {
        dns.put("d.test", new LkaToMta.MxResult(DnsAnswer.NO_DOMAIN, List.of()));
        transfer(agent(Samples.mxAction()), "a@d.test");
        pass(1);
        assertEquals(Outcome.PERMFAIL, only().outcome());
        assertEquals(new Esc(5, 1, 2), only().status());
    }

    @Test
    @DisplayName("F-53: a null MX is permanent, 5.1.10")
    void nullMx() {
        dns.put("d.test", new LkaToMta.MxResult(DnsAnswer.NULL_MX, List.of()));
        transfer(agent(Samples.mxAction()), "a@d.test");
        pass(1);
        assertEquals(Outcome.PERMFAIL, only().outcome());
        assertEquals(new Esc(5, 1, 10), only().status());
    }

    @Test
    @DisplayName("F-53: SERVFAIL is not now, 4.4.3")
    void servfail() {
        dns.put("d.test", new LkaToMta.MxResult(DnsAnswer.TEMPFAIL, List.of()));
        transfer(agent(Samples.mxAction()), "a@d.test");
        pass(1);
        assertEquals(Outcome.TEMPFAIL, only().outcome());
        assertEquals(new Esc(4, 4, 3), only().status());
    }

    @Test
    @DisplayName("F-53: when we are the best exchanger ourselves it is a loop, 5.4.6")
    void ourselves() {
        dns.put(
                "d.test",
                mx(new MxHost("MX.example.org", 10, List.of("192.0.2.9")), host(20, "192.0.2.1")));
        transfer(agent(Samples.mxAction()), "a@d.test");
        pass(1);
        assertEquals(Outcome.LOOP, only().outcome());
        assertEquals(new Esc(5, 4, 6), only().status());
        assertEquals(List.of(), sessions.all);
    }

    @Test
    @DisplayName("F-53: of 500 exchangers no more than 100 become routes")
    void manyExchangers() {
        MxHost[] hosts = new MxHost[500];
        for (int i = 0; i < hosts.length; i++) {
            hosts[i] = host(i, "192.0." + (2 + i / 250) + "." + (1 + i % 250));
        }
        dns.put("d.test", mx(hosts));
        MtaAgent agent = agent(Samples.mxAction());
        transfer(agent, "a@d.test");
        pass(1);
        agent.fromControl().receive(1, new ControlToMta.Show(MtaListing.ROUTES));
        assertEquals(RelayLookups.ROUTES_MAX, ((Lines) control.sent.getLast()).lines().size());
    }

    @Test
    @DisplayName("F-54: while lka is down mail waits, then is deferred; nothing bounces")
    void lkaDown() {
        transfer(agent(Samples.mxAction()), "a@d.test");
        pass(30);
        assertEquals(List.of(), results());
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        pass(3);
        assertEquals(Outcome.OK, only().outcome());
        queue.sent.clear();
        transfer(agent(Samples.mxAction()), "a@other.test");
        pass(70);
        assertEquals(Outcome.TEMPFAIL, only().outcome());
    }

    @Test
    void anAddressLiteralNeedsNoDns() {
        transfer(agent(Samples.mxAction()), "a@[192.0.2.7]");
        pass(1);
        assertEquals(Outcome.OK, only().outcome());
        assertEquals("192.0.2.7", sessions.all.getFirst().plan.route().address());
        queue.sent.clear();
        transfer(agent(Samples.mxAction()), "a@[IPv6:2001:db8::7]");
        pass(1);
        assertEquals(Outcome.OK, only().outcome());
    }

    @Test
    void aRelayHostIsTakenFromItsTable() {
        dns.put("hosts", new LkaToMta.TableResult(LookupAnswer.FOUND, "lmtp://relay.test:2424"));
        dns.put("relay.test", new LkaToMta.HostResult(DnsAnswer.FOUND, List.of("192.0.2.5")));
        MtaAgent agent =
                agent(
                        Samples.action(
                                new Dispatcher.Target.Host("hosts", ""),
                                Dispatcher.TlsPolicy.OPPORTUNISTIC));
        transfer(agent, "a@d.test");
        transfer(agent, "a@e.test");
        pass(1);
        assertEquals(2, results().size());
        assertEquals(1, sessions.all.size());
        RouteKey route = sessions.all.getFirst().plan.route();
        assertEquals(Scheme.LMTP, route.scheme());
        assertEquals(2424, route.port());
    }

    @Test
    void allRecipientsForARelayHostGoOutInOneTaskWhateverTheirDomains() {
        dns.put("hosts", new LkaToMta.TableResult(LookupAnswer.FOUND, "smtp://relay.test:2525"));
        dns.put("relay.test", new LkaToMta.HostResult(DnsAnswer.FOUND, List.of("192.0.2.5")));
        MtaAgent agent =
                agent(
                        Samples.action(
                                new Dispatcher.Target.Host("hosts", ""),
                                Dispatcher.TlsPolicy.OPPORTUNISTIC));
        transfer(agent, "a@one.test", "b@two.test", "c@three.test");
        pass(1);
        assertEquals(3, results().size());
        assertEquals(1, sessions.messages());
    }

    @Test
    void aMissingRelayHostIsNeverPermanent() {
        dns.put("hosts", new LkaToMta.TableResult(LookupAnswer.FOUND, "relay.test"));
        dns.put("relay.test", new LkaToMta.HostResult(DnsAnswer.NO_DOMAIN, List.of()));
        transfer(
                agent(
                        Samples.action(
                                new Dispatcher.Target.Host("hosts", ""),
                                Dispatcher.TlsPolicy.OPPORTUNISTIC)),
                "a@d.test");
        pass(1);
        assertEquals(Outcome.TEMPFAIL, only().outcome());
    }

    @Test
    void mailThatNeedsTlsGoesToSessionsThatPromiseIt() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        transfer(
                agent(Samples.action(new Dispatcher.Target.Mx(), Dispatcher.TlsPolicy.VERIFY)),
                "a@d.test");
        pass(1);
        assertEquals(Outcome.OK, only().outcome());
        assertEquals(
                new TlsPolicy.Verified(TlsPolicy.Origin.ACTION, List.of("mx10.test")),
                sessions.all.getFirst().plan.route().tls().policy());
    }

    @Test
    @DisplayName(
            "F-62: mail that needs verified TLS never meets a session that does not promise it")
    void aSessionOfLessIsNotReused() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        Dispatcher.Remote weak = Samples.mxAction();
        Dispatcher.Remote strong =
                new Dispatcher.Remote(
                        "strong",
                        new Dispatcher.Target.Mx(),
                        Dispatcher.Identity.DEFAULT,
                        new Dispatcher.RelayTls(Dispatcher.TlsPolicy.VERIFY, "", "", "", ""),
                        "",
                        Duration.ZERO);
        MtaAgent agent = agent(weak, strong);
        transfer(agent, "a@d.test");
        pass(1);
        Envelope plain = Samples.envelope(9, 1, "b@d.test");
        Envelope owed =
                new Envelope(
                        plain.id(),
                        plain.origin(),
                        plain.sender(),
                        plain.rcpt(),
                        plain.dest(),
                        new Envelope.Target.Mta("strong"),
                        plain.dsn(),
                        plain.created(),
                        plain.ttl(),
                        plain.state());
        agent.fromQueue().receive(0, new QueueToMta.Transfer(new MsgId(9), 100, List.of(owed)));
        pass(1);
        transfer(agent, "c@d.test");
        pass(1);
        assertEquals(2, sessions.all.size());
        assertEquals(2, sessions.all.getFirst().messages);
        assertEquals(
                new TlsPolicy.Verified(TlsPolicy.Origin.ACTION, List.of("mx10.test")),
                sessions.all.getLast().plan.route().tls().policy());
    }

    @Test
    @DisplayName("F-48: after a host that is not trusted the next exchanger gets the message")
    void untrustedHostIsPassedOver() {
        dns.put("d.test", mx(host(10, "192.0.2.1"), host(20, "192.0.2.2")));
        sessions.put("192.0.2.1", FakeSessions.Server.UNTRUSTED);
        MtaAgent agent =
                agent(Samples.action(new Dispatcher.Target.Mx(), Dispatcher.TlsPolicy.VERIFY));
        transfer(agent, "a@d.test");
        pass(1);
        assertEquals(Outcome.OK, only().outcome());
        assertEquals(2, sessions.all.size());
    }

    @Test
    @DisplayName("F-48: where no host is trusted the message is put off, 4.7.5")
    void noHostIsTrusted() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        sessions.put("192.0.2.1", FakeSessions.Server.UNTRUSTED);
        transfer(
                agent(Samples.action(new Dispatcher.Target.Mx(), Dispatcher.TlsPolicy.VERIFY)),
                "a@d.test");
        pass(1);
        assertEquals(Outcome.TEMPFAIL, only().outcome());
        assertEquals(new Esc(4, 7, 5), only().status());
    }

    @Test
    @DisplayName(
            "F-60: a host whose replies were out of step is spoken to in lock step for an hour")
    void muddledHostIsSpokenToInLockStep() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        sessions.put("192.0.2.1", FakeSessions.Server.MUDDLED);
        MtaAgent agent = agent(Samples.mxAction());
        transfer(agent, "a@d.test");
        pass(30);
        assertEquals(Outcome.OK, only().outcome());
        assertEquals(List.of(true, false), pipelining());
        pass(3600);
        transfer(agent, "b@d.test");
        pass(1);
        assertEquals(List.of(true, false, true), pipelining());
    }

    private List<Boolean> pipelining() {
        return sessions.all.stream().map(it -> it.plan.manner().pipelining()).toList();
    }

    @Test
    void anActionThatIsGoneDefers() {
        MtaAgent agent = agent(Samples.mxAction());
        Envelope lost = Samples.envelope(9, 1, "a@d.test");
        Envelope gone =
                new Envelope(
                        lost.id(),
                        lost.origin(),
                        lost.sender(),
                        lost.rcpt(),
                        lost.dest(),
                        new Envelope.Target.Mta("gone"),
                        lost.dsn(),
                        lost.created(),
                        lost.ttl(),
                        lost.state());
        agent.fromQueue().receive(0, new QueueToMta.Transfer(new MsgId(9), 1, List.of(gone)));
        pass(1);
        assertEquals(Outcome.TEMPFAIL, only().outcome());
    }

    @Test
    void aBacklogIsHeldAndReleasedUntilNothingIsLeft() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        MtaAgent agent = agent(Samples.mxAction());
        for (int i = 0; i < 500; i++) {
            transfer(agent, "a@d.test");
        }
        int seen = 0;
        for (int second = 0; second < 60 && results().size() < 500; second++) {
            agenda.pass(Duration.ofMillis(200));
            seen = releaseHeld(agent, seen);
        }
        pass(5);
        assertEquals(500, results().size());
        assertEquals(500, results().stream().map(DeliveryResult::id).distinct().count());
        MtaToQueue.Release last =
                (MtaToQueue.Release)
                        queue.sent.stream()
                                .filter(MtaToQueue.Release.class::isInstance)
                                .reduce((a, b) -> b)
                                .orElseThrow();
        assertEquals(0, last.count());
    }

    private final List<MtaToQueue.Hold> parked = new ArrayList<>();

    /// Plays the scheduler: keeps what is held, and sends back as many as are released.
    private int releaseHeld(MtaAgent agent, int seen) {
        int end = queue.sent.size();
        for (int i = seen; i < end; i++) {
            if (queue.sent.get(i) instanceof MtaToQueue.Hold hold) {
                parked.add(hold);
            } else if (queue.sent.get(i) instanceof MtaToQueue.Release release) {
                int count = release.count() == 0 ? parked.size() : release.count();
                for (int n = 0; n < count && !parked.isEmpty(); n++) {
                    int msgid = parked.removeFirst().envelopes().getFirst().msgid().value();
                    agent.fromQueue()
                            .receive(
                                    0,
                                    new QueueToMta.Transfer(
                                            new MsgId(msgid),
                                            100,
                                            List.of(Samples.envelope(msgid, 1, "a@d.test"))));
                }
            }
        }
        return end;
    }

    @Test
    void limitsOfConnectionsAreNeverExceeded() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        sessions.pace = Duration.ofSeconds(60);
        MtaAgent agent = agent(Samples.mxAction());
        for (int i = 0; i < 45; i++) {
            transfer(agent, "a@d.test");
        }
        for (int i = 0; i < 100; i++) {
            pass(1);
            assertTrue(sessions.open() <= 5, "open " + sessions.open());
        }
        assertEquals(5, sessions.open());
    }

    @Test
    @DisplayName("F-59: a message that is not answered for half an hour is broken off")
    void silentServerIsLeft() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        sessions.put("192.0.2.1", FakeSessions.Server.SILENT);
        transfer(agent(Samples.mxAction()), "a@d.test");
        agenda.pass(SessionDesk.MESSAGE_MAX.minusSeconds(1));
        assertFalse(sessions.all.getFirst().aborted);
        pass(5);
        assertTrue(sessions.all.getFirst().aborted);
        assertEquals(Outcome.TEMPFAIL, only().outcome());
    }

    @Test
    void whenTheQueueDiesItsTasksAreDroppedAndNoRouteSuffers() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        sessions.pace = Duration.ofSeconds(10);
        MtaAgent agent = agent(Samples.mxAction());
        transfer(agent, "a@d.test");
        transfer(agent, "a@d.test");
        pass(1);
        agent.fromQueue().detached();
        pass(1);
        assertEquals(List.of(), results());
        assertEquals(0, sessions.open());
        agent.fromQueue().attached();
        sessions.pace = Duration.ofMillis(1);
        transfer(agent, "a@d.test");
        pass(5);
        assertEquals(Outcome.OK, only().outcome());
    }

    @Test
    void listingsAndResumeRoute() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        sessions.put("192.0.2.1", FakeSessions.Server.DEAD);
        MtaAgent agent = agent(Samples.mxAction());
        transfer(agent, "a@d.test");
        pass(1);
        assertEquals(
                "1. - <-> 192.0.2.1 (ptr.test) NDQ- nconn=0 nerror=1 penalty=1 timeout=14s",
                show(agent, MtaListing.ROUTES).getFirst());
        assertEquals(
                "192.0.2.1 ptr.test refcount=1 nconn=0 lastconn=0s",
                show(agent, MtaListing.HOSTS).getFirst());
        assertEquals(
                "d.test|" + Samples.NOW.getEpochSecond() + "|Network error on destination MXs",
                show(agent, MtaListing.HOSTSTATS).getFirst());
        assertEquals(
                List.of(
                        "[relay:d.test,action=relay,mx] refcount=1 ntask=0 nconn=0 lastconn=-"
                                + " timeout=- wait=",
                        "  connector - refcount=1 nconn=0 lastconn=- timeout=- flags="),
                show(agent, MtaListing.RELAYS));
        agent.fromControl().receive(9, new ControlToMta.ResumeRoute(1));
        assertEquals(new Done(true, ""), control.sent.getLast());
        transfer(agent, "a@d.test");
        pass(6);
        assertEquals(2, sessions.all.size());
    }

    @Test
    void relaysAndRoutesAreForgottenWhenIdle() {
        MtaAgent agent = agent(Samples.mxAction());
        for (int i = 0; i < 100; i++) {
            dns.put("d" + i + ".test", mx(host(10, "192.0.2." + (i + 1))));
            transfer(agent, "a@d" + i + ".test");
        }
        pass(2);
        assertEquals(100, results().size());
        pass(200);
        assertEquals(List.of(), show(agent, MtaListing.RELAYS));
        assertEquals(List.of(), show(agent, MtaListing.ROUTES));
        assertEquals(List.of(), show(agent, MtaListing.HOSTS));
    }
}
