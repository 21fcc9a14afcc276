package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.RouteSummary;

import java.time.Duration;
import java.util.List;

/// The routes at a glance.
class RouteSummaryTest extends MtaAgentFixture {
    private RouteSummary ask(MtaAgent agent, int routes) {
        agent.fromControl().receive(8, new ControlToMta.Summarize(routes));
        return (RouteSummary) control.sent.getLast();
    }

    @Test
    void aRouteInTroubleSaysWhy() {
        dns.put("d.test", mx(host(10, "192.0.2.1")));
        sessions.put("192.0.2.1", FakeSessions.Server.DEAD);
        MtaAgent agent = agent(Samples.mxAction());
        transfer(agent, "a@d.test");
        pass(1);
        RouteSummary.Trouble trouble =
                new RouteSummary.Trouble(
                        1, 1, Duration.ofSeconds(14), "Network error on destination MXs");
        RouteSummary.Ends ends = new RouteSummary.Ends("-", "192.0.2.1", "ptr.test", false);
        assertEquals(
                new RouteSummary(List.of(new RouteSummary.State(1, ends, 0, 1, 5, trouble)), 1),
                ask(agent, 5));
    }

    @Test
    void whatIsInTroubleComesFirstAndTheListIsBounded() {
        MtaAgent agent = agent(Samples.mxAction());
        for (int i = 1; i <= 9; i++) {
            dns.put("d" + i + ".test", mx(host(10, "192.0.2." + i)));
            transfer(agent, "a@d" + i + ".test");
        }
        dns.put("dead.test", mx(host(10, "192.0.2.99")));
        sessions.put("192.0.2.99", FakeSessions.Server.DEAD);
        transfer(agent, "a@dead.test");
        pass(1);
        RouteSummary summary = ask(agent, 3);
        assertEquals(10, summary.routes());
        assertEquals(3, summary.worst().size());
        assertEquals("192.0.2.99", summary.worst().getFirst().ends().address());
        assertEquals(1, ask(agent, 0).worst().size(), "at least one");
    }
}
