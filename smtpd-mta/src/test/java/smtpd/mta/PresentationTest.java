package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Dispatcher;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MtaListing;
import smtpd.core.mail.Outcome;

import java.time.Duration;
import java.util.List;

/// What an action says about how we present ourselves and where its mail goes.
final class PresentationTest extends MtaAgentFixture {
    private static Dispatcher.Remote action(
            Dispatcher.Target target, Dispatcher.Identity identity) {
        return new Dispatcher.Remote(
                "relay", target, identity, Dispatcher.RelayTls.DEFAULT, "", Duration.ZERO);
    }

    private MtaAgent presenting(String helo, String heloSrc) {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        return agent(
                action(
                        new Dispatcher.Target.Mx(),
                        new Dispatcher.Identity(helo, heloSrc, "", "", false)));
    }

    private RouteKey.Helo helo() {
        return sessions.all.getFirst().plan.route().helo();
    }

    @Test
    void withoutAWordTheServersNameIsUsed() {
        transfer(presenting("", ""), "a@d.test");
        pass(1);
        assertEquals(new RouteKey.Helo("mx.example.org", ""), helo());
    }

    @Test
    void heloAndHeloSrcAreTheSessions() {
        transfer(presenting("out.example.org", "names"), "a@d.test");
        pass(1);
        assertEquals(new RouteKey.Helo("out.example.org", "names"), helo());
    }

    private MtaAgent mapped() {
        dns.put("mapd.test", new LkaToMta.TableResult(LookupAnswer.FOUND, "lmtp://192.0.2.7:24"));
        dns.put("mape.test", new LkaToMta.TableResult(LookupAnswer.FOUND, "smtps://192.0.2.8"));
        dns.put("mapn.test", new LkaToMta.TableResult(LookupAnswer.NOT_FOUND, ""));
        return agent(
                action(new Dispatcher.Target.DomainMap("map", ""), Dispatcher.Identity.DEFAULT));
    }

    @Test
    void aDomainMapSendsEachDomainToItsHost() {
        MtaAgent agent = mapped();
        transfer(agent, "a@d.test", "b@e.test");
        pass(1);
        List<String> places =
                sessions.all.stream()
                        .map(it -> it.plan.route().scheme() + " " + it.plan.route().place())
                        .toList();
        assertEquals(List.of("LMTP 192.0.2.7:24", "SMTPS 192.0.2.8:465"), places);
        assertEquals(2, results().size());
    }

    @Test
    void aDomainThatTheMapDoesNotHaveIsPutOff() {
        transfer(mapped(), "a@n.test");
        pass(1);
        assertEquals(Outcome.TEMPFAIL, only().outcome());
        assertEquals("No relay host for this domain", only().text());
    }

    private int penalty(MtaAgent agent) {
        String route = show(agent, MtaListing.ROUTES).getFirst();
        return Integer.parseInt(route.replaceAll(".* penalty=([0-9]+).*", "$1"));
    }

    @Test
    @DisplayName("a route is left alone for 15·p² seconds; each success takes a step back")
    void penaltiesGrowAndRecover() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        sessions.put("192.0.2.1", FakeSessions.Server.DEAD);
        MtaAgent agent = agent(Samples.mxAction());
        for (int p = 1; p <= 3; p++) {
            transfer(agent, "a@d.test");
            pass(1);
            assertEquals(p, penalty(agent));
            assertEquals(p, sessions.all.size());
            transfer(agent, "a@d.test");
            pass(15L * p * p - 2);
            assertEquals(p, sessions.all.size());
            pass(2);
        }
        sessions.put("192.0.2.1", FakeSessions.Server.GOOD);
        for (int p = 2; p >= 0; p--) {
            transfer(agent, "a@d.test");
            pass(1);
            assertTrue(penalty(agent) <= p, show(agent, MtaListing.ROUTES).toString());
        }
        assertEquals(Outcome.OK, results().getLast().outcome());
    }
}
