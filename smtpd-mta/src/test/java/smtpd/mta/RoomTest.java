package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Limits;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LookupAnswer;

/// An idle session makes room where connections are scarce: it waits for a message that may never
/// come, and somebody else has one.
final class RoomTest extends MtaAgentFixture {
    private static final int MANY = 300;

    @Test
    void idleSessionsOfAHostMakeRoomForItsOtherRoutes() {
        MtaAgent agent =
                agent(
                        Samples.action(
                                new Dispatcher.Target.DomainMap("map", ""),
                                Dispatcher.TlsPolicy.OPPORTUNISTIC));
        int domains = 5 * Limits.MtaLimits.DEFAULT.maxConn().host();
        for (int i = 0; i < domains; i++) {
            String url = "smtp://192.0.2.1:" + (10_000 + i);
            dns.put("mapd" + i + ".test", new LkaToMta.TableResult(LookupAnswer.FOUND, url));
        }
        for (int i = 0; i < domains; i++) {
            transfer(agent, "a@d" + i + ".test");
        }
        pass(3);
        assertEquals(domains, results().size());
        assertTrue(sessions.mostOpen() <= Limits.MtaLimits.DEFAULT.maxConn().host());
    }

    @Test
    void idleSessionsOfASourceMakeRoomForItsOtherDestinations() {
        MtaAgent agent = agent(Samples.mxAction());
        for (int i = 0; i < MANY; i++) {
            dns.put("d" + i + ".test", mx(host(10, "192.0." + i / 100 + "." + (1 + i % 100))));
        }
        for (int i = 0; i < MANY; i++) {
            transfer(agent, "a@d" + i + ".test");
        }
        pass(3);
        assertEquals(MANY, results().size());
        assertTrue(sessions.mostOpen() <= Limits.MtaLimits.DEFAULT.maxConn().source());
    }

    @Test
    void withRoomForAllNobodyIsSentAway() {
        MtaAgent agent = agent(Samples.mxAction());
        int few = Limits.MtaLimits.DEFAULT.maxConn().source() / 2;
        for (int i = 0; i < few; i++) {
            dns.put("d" + i + ".test", mx(host(10, "192.0.2." + (1 + i))));
            transfer(agent, "a@d" + i + ".test");
        }
        pass(3);
        assertEquals(few, results().size());
        assertEquals(few, sessions.open());
    }
}
