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
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MtaListing;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.MxHost;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Outcome;
import smtpd.core.proc.Peer.Answer;

import java.time.Duration;
import java.util.List;

/// Which hosts and sources are taken: backups, lists of relay hosts, several sources, and what the
/// operator stops.
final class RelayChoiceTest extends MtaAgentFixture {
    private MtaAgent backup(String mx) {
        dns.put(
                "d.test",
                mx(
                        new MxHost("best.test", 10, List.of("192.0.2.10")),
                        new MxHost("mid.test", 20, List.of("192.0.2.20")),
                        new MxHost("worst.test", 30, List.of("192.0.2.30"))));
        return agent(
                Samples.action(
                        new Dispatcher.Target.Backup(mx), Dispatcher.TlsPolicy.OPPORTUNISTIC));
    }

    private List<String> tried(String mx) {
        MtaAgent agent = backup(mx);
        for (String dead : List.of("192.0.2.10", "192.0.2.20", "192.0.2.30")) {
            sessions.put(dead, FakeSessions.Server.DEAD);
        }
        transfer(agent, "a@d.test");
        pass(5);
        return sessions.all.stream().map(it -> it.plan.route().address()).toList();
    }

    @Test
    void aBackupOfTheSecondPreferenceOnlyTriesTheFirst() {
        assertEquals(List.of("192.0.2.10"), tried("mid.test"));
        assertEquals(Outcome.TEMPFAIL, only().outcome());
    }

    @Test
    void aBackupOfTheThirdPreferenceTriesTheFirstThenTheSecond() {
        assertEquals(List.of("192.0.2.10", "192.0.2.20"), tried("Worst.test"));
    }

    @Test
    void aBackupThatIsNoExchangerTriesAll() {
        assertEquals(List.of("192.0.2.10", "192.0.2.20", "192.0.2.30"), tried("other.test"));
    }

    @Test
    @DisplayName("F-53: a backup that is the best exchanger is a loop, 5.4.6")
    void aBackupThatIsTheBest() {
        transfer(backup("best.test"), "a@d.test");
        pass(1);
        assertEquals(Outcome.LOOP, only().outcome());
        assertEquals(new Esc(5, 4, 6), only().status());
    }

    @Test
    @DisplayName("F-53: our own preference counts though our name has no address in DNS")
    void ourselvesWithoutAddress() {
        dns.put("d.test", mx(new MxHost("mx.example.org", 10, List.of()), host(20, "192.0.2.1")));
        transfer(agent(Samples.mxAction()), "a@d.test");
        pass(1);
        assertEquals(Outcome.LOOP, only().outcome());
    }

    @Test
    void sourceAddressesAreUsedEvenly() {
        for (int i = 0; i < 30; i++) {
            dns.put("d" + i + ".test", mx(host(10, "192.0.2." + (i + 1))));
        }
        int[] turn = {0};
        List<String> addresses = List.of("198.51.100.1", "198.51.100.2", "198.51.100.3");
        MtaAgent agent =
                agent(
                        new Dispatcher.Remote(
                                "relay",
                                new Dispatcher.Target.Mx(),
                                new Dispatcher.Identity("", "", "sources", "", false),
                                Dispatcher.RelayTls.DEFAULT,
                                "",
                                Duration.ZERO));
        lka.answers =
                question ->
                        question instanceof MtaToLka.LookupTable
                                ? new Answer.Got<>(
                                        new LkaToMta.TableResult(
                                                LookupAnswer.FOUND,
                                                addresses.get(turn[0]++ % addresses.size())))
                                : answer(question);
        for (int round = 0; round < 30; round++) {
            for (int i = 0; i < 5; i++) {
                transfer(agent, "a@d" + i + ".test");
            }
            pass(20);
        }
        for (String address : addresses) {
            long used =
                    sessions.all.stream()
                            .filter(it -> it.plan.route().source().equals(address))
                            .count();
            assertTrue(used >= 40, address + " " + used + " of " + sessions.all.size());
        }
    }

    @Test
    void whatTheActionDemandsOfTlsCountsForItsHostsToo() {
        assertEquals(Scheme.SMTP_TLS_ANY, scheme("smtp://", Dispatcher.TlsPolicy.NO_VERIFY));
        assertEquals(Scheme.SMTP_TLS_ANY, scheme("smtp+tls://", Dispatcher.TlsPolicy.NO_VERIFY));
        assertEquals(Scheme.SMTPS_ANY, scheme("smtps://", Dispatcher.TlsPolicy.NO_VERIFY));
        assertEquals(Scheme.SMTP_TLS, scheme("smtp://", Dispatcher.TlsPolicy.VERIFY));
        assertEquals(Scheme.SMTPS, scheme("smtps://", Dispatcher.TlsPolicy.VERIFY));
        assertEquals(Scheme.SMTP, scheme("smtp://", Dispatcher.TlsPolicy.OPPORTUNISTIC));
    }

    private Scheme scheme(String schema, Dispatcher.TlsPolicy tls) {
        int before = sessions.all.size();
        transfer(hosts(tls, schema + "192.0.2.1:2525"), "a@d.test");
        pass(20);
        return sessions.all.get(before).plan.route().scheme();
    }

    @Test
    void hostsThatNeverEncryptGetNothingOfWhatMustBe() {
        for (String schema : List.of("smtp+notls://", "lmtp://")) {
            MtaAgent agent = hosts(Dispatcher.TlsPolicy.NO_VERIFY, schema + "192.0.2.1:2525");
            transfer(agent, "a@d.test");
            pass(1);
            assertEquals(List.of(), sessions.all);
        }
        assertEquals("TLS required for relaying", results().getFirst().text());
    }

    private MtaAgent hosts(String... urls) {
        return hosts(Dispatcher.TlsPolicy.OPPORTUNISTIC, urls);
    }

    private MtaAgent hosts(Dispatcher.TlsPolicy tls, String... urls) {
        MtaAgent agent = agent(Samples.action(new Dispatcher.Target.Host("hosts", ""), tls));
        int[] turn = {0};
        lka.answers =
                question ->
                        question instanceof MtaToLka.LookupTable
                                ? new Answer.Got<>(
                                        new LkaToMta.TableResult(
                                                LookupAnswer.FOUND, urls[turn[0]++ % urls.length]))
                                : answer(question);
        return agent;
    }

    private List<String> connects() {
        return sessions.all.stream().map(it -> it.plan.route().address()).toList();
    }

    @Test
    void whenARelayHostIsDownTheOthersOfItsListAreTriedInOrder() {
        MtaAgent agent = hosts("192.0.2.1", "192.0.2.2", "192.0.2.3");
        sessions.put("192.0.2.1", FakeSessions.Server.DEAD);
        sessions.put("192.0.2.2", FakeSessions.Server.DEAD);
        transfer(agent, "a@d.test");
        pass(1);
        assertEquals(List.of("192.0.2.1", "192.0.2.2", "192.0.2.3"), connects());
        assertEquals(Outcome.OK, only().outcome());
    }

    @Test
    void whenAllRelayHostsAreDownTheMessageIsDeferredOnce() {
        MtaAgent agent = hosts("192.0.2.1", "192.0.2.2", "192.0.2.3");
        for (String dead : List.of("192.0.2.1", "192.0.2.2", "192.0.2.3")) {
            sessions.put(dead, FakeSessions.Server.DEAD);
        }
        for (int i = 0; i < 20; i++) {
            transfer(agent, "a@d.test");
        }
        pass(5);
        assertEquals(20, results().size());
        assertTrue(results().stream().allMatch(it -> it.outcome() == Outcome.TEMPFAIL));
        assertEquals(3, sessions.all.size());
    }

    private MtaAgent byExchangers(String url) {
        dns.put("hosts", new LkaToMta.TableResult(LookupAnswer.FOUND, url));
        return agent(
                Samples.action(
                        new Dispatcher.Target.Host(
                                "hosts", "", Dispatcher.Target.Search.EXCHANGERS),
                        Dispatcher.TlsPolicy.OPPORTUNISTIC));
    }

    @Test
    void theExchangersOfARelayHostAreUsedWhereThatIsAsked() {
        MtaAgent agent = byExchangers("smtp://relay.test:587");
        dns.put("relay.test", mx(host(20, "192.0.2.20"), host(10, "192.0.2.10")));
        sessions.put("192.0.2.10", FakeSessions.Server.DEAD);
        transfer(agent, "a@d.test", "b@e.test");
        pass(1);
        assertEquals(List.of("192.0.2.10", "192.0.2.20"), connects());
        assertEquals(587, sessions.all.getLast().plan.route().port());
        assertEquals(1, sessions.messages());
        assertEquals(2, results().size());
    }

    @Test
    void whatDnsDoesNotKnowOfARelayHostIsNeverPermanent() {
        MtaAgent agent = byExchangers("smtp://relay.test");
        for (DnsAnswer answer :
                List.of(DnsAnswer.NO_DOMAIN, DnsAnswer.NULL_MX, DnsAnswer.NO_ADDRESS)) {
            dns.put("relay.test", new LkaToMta.MxResult(answer, List.of()));
            transfer(agent, "a@d.test");
            pass(70);
            assertEquals(Outcome.TEMPFAIL, results().getLast().outcome());
            assertEquals("Host not found", results().getLast().text());
        }
    }

    @Test
    void anAddressHasNoExchangers() {
        transfer(byExchangers("smtp://192.0.2.7:26"), "a@d.test");
        pass(1);
        assertEquals(List.of("192.0.2.7"), connects());
    }

    private MtaAgent threeExchangers(FakeSessions.Server... servers) {
        dns.put(
                "d.test",
                mx(host(10, "192.0.2.10"), host(20, "192.0.2.20"), host(30, "192.0.2.30")));
        for (int i = 0; i < servers.length; i++) {
            sessions.put("192.0.2." + 10 * (i + 1), servers[i]);
        }
        return agent(Samples.mxAction());
    }

    @Test
    @DisplayName("F-40: what one exchanger cannot be given goes to another, the rest goes at once")
    void anotherExchangerTakesWhatTheFirstCannot() {
        MtaAgent agent = threeExchangers(FakeSessions.Server.PLAIN, FakeSessions.Server.PLAIN);
        transfer(agent, "a@d.test", "ä@d.test");
        pass(1);
        assertEquals(List.of("192.0.2.10", "192.0.2.20", "192.0.2.30"), connects());
        assertEquals(
                List.of(Outcome.OK, Outcome.OK),
                results().stream().map(DeliveryResult::outcome).toList());
        transfer(agent, "b@d.test");
        pass(1);
        assertEquals(2, sessions.all.getFirst().messages);
    }

    @Test
    @DisplayName("F-40: when no exchanger offers SMTPUTF8 it is 5.6.7, once, for that recipient")
    void noExchangerTakesIt() {
        MtaAgent agent =
                threeExchangers(
                        FakeSessions.Server.PLAIN,
                        FakeSessions.Server.PLAIN,
                        FakeSessions.Server.PLAIN);
        transfer(agent, "ä@d.test");
        pass(1);
        assertEquals(3, sessions.all.size());
        assertEquals(Outcome.PERMFAIL, only().outcome());
        assertEquals(new Esc(5, 6, 7), only().status());
    }

    @Test
    @DisplayName("F-40: while another exchanger is out of reach it is not now")
    void anExchangerThatMayTakeItIsDown() {
        MtaAgent agent =
                threeExchangers(
                        FakeSessions.Server.PLAIN,
                        FakeSessions.Server.DEAD,
                        FakeSessions.Server.PLAIN);
        transfer(agent, "ä@d.test");
        pass(1);
        assertEquals(Outcome.TEMPFAIL, only().outcome());
    }

    @Test
    @DisplayName("F-40: another relay host of the list takes what the first cannot")
    void anotherRelayHostTakesIt() {
        MtaAgent agent = hosts("192.0.2.1", "192.0.2.2");
        sessions.put("192.0.2.1", FakeSessions.Server.PLAIN);
        transfer(agent, "ä@d.test");
        pass(1);
        assertEquals(Outcome.OK, only().outcome());
    }

    @Test
    @DisplayName("F-40: relay hosts of which one is down and the others cannot: not now")
    void aRelayHostThatMayTakeItIsDown() {
        MtaAgent agent = hosts("192.0.2.1", "192.0.2.2");
        sessions.put("192.0.2.1", FakeSessions.Server.DEAD);
        sessions.put("192.0.2.2", FakeSessions.Server.PLAIN);
        transfer(agent, "ä@d.test");
        pass(1);
        assertEquals(Outcome.TEMPFAIL, only().outcome());
    }

    @Test
    void relayHostsAreUsedInTurn() {
        MtaAgent agent = hosts("192.0.2.1", "192.0.2.2");
        for (int i = 0; i < 6; i++) {
            transfer(agent, "a@d.test");
            pass(20);
        }
        assertEquals(3, connects().stream().filter("192.0.2.1"::equals).count());
        assertEquals(3, connects().stream().filter("192.0.2.2"::equals).count());
    }

    private MtaAgent withSource(String address) {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        dns.put("sources", new LkaToMta.TableResult(LookupAnswer.FOUND, address));
        return agent(
                new Dispatcher.Remote(
                        "relay",
                        new Dispatcher.Target.Mx(),
                        new Dispatcher.Identity("", "", "sources", "", false),
                        Dispatcher.RelayTls.DEFAULT,
                        "",
                        Duration.ZERO));
    }

    private Done block(MtaAgent agent, String domain, boolean on) {
        agent.fromControl().receive(1, new ControlToMta.Block("198.51.100.1", domain, on));
        return (Done) control.sent.getLast();
    }

    @Test
    void aSourceThatIsStoppedTowardsADomainDefersItsMail() {
        MtaAgent agent = withSource("198.51.100.1");
        assertTrue(block(agent, "D.test", true).ok());
        assertFalse(block(agent, "d.test", true).ok());
        assertEquals(List.of("198.51.100.1 -> d.test"), show(agent, MtaListing.PAUSED));
        transfer(agent, "a@d.test");
        pass(1);
        assertEquals("All routes to destination blocked", only().text());
        assertEquals(List.of(), sessions.all);
        queue.sent.clear();
        assertTrue(block(agent, "d.test", false).ok());
        assertFalse(block(agent, "d.test", false).ok());
        transfer(agent, "a@d.test");
        pass(1);
        assertEquals(Outcome.OK, only().outcome());
    }

    @Test
    void aSourceThatIsStoppedTowardsAllDefersAllMail() {
        MtaAgent agent = withSource("198.51.100.1");
        assertTrue(block(agent, "*", true).ok());
        transfer(agent, "a@d.test");
        pass(1);
        assertEquals(Outcome.TEMPFAIL, only().outcome());
    }

    @Test
    void whatWasDeferredForWantOfARouteIsTriedOnceTheDomainTakesMail() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        MtaAgent agent = agent(Samples.mxAction());
        sessions.put("192.0.2.1", FakeSessions.Server.DEAD);
        transfer(agent, "a@d.test");
        transfer(agent, "b@d.test");
        pass(20);
        sessions.put("192.0.2.1", FakeSessions.Server.GOOD);
        transfer(agent, "c@d.test");
        pass(1);
        List<EvpId> woken =
                queue.sent.stream()
                        .filter(MtaToQueue.Schedule.class::isInstance)
                        .flatMap(it -> ((MtaToQueue.Schedule) it).envelopes().stream())
                        .toList();
        assertEquals(List.of(new MsgId(1).envelope(1), new MsgId(2).envelope(1)), woken);
    }
}
