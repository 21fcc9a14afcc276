package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.conf.ConfParser;
import smtpd.core.conf.ConfResult;
import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Limits;
import smtpd.core.conf.OfflineEnvironment;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MsgId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Every word of `mta limit`, as it stands in a configuration, and what it does.
class LimitsTest extends MtaAgentFixture {
    /// The delays of the default would stand in the way of what is looked for.
    private static final String NO_PAUSES =
            "mta limit conn-delay-host 0 conn-delay-route 0 conn-delay-source 0"
                    + " conn-delay-connector 0 conn-delay-relay 0 conn-delay-domain 0"
                    + " reconn-delay-route 0\n";

    private final List<String> actions = List.of("relay", "other");

    private static Limits.Mta limits(String lines) {
        ConfResult read =
                ConfParser.parse(
                        "smtpd.conf",
                        lines + "action \"relay\" relay\nmatch for any action \"relay\"\n",
                        Map.of(),
                        new OfflineEnvironment("mx.example.org"));
        return Objects.requireNonNull(read.config()).settings().limits().mta();
    }

    /// Two actions that present themselves differently, so that they share hosts and no route.
    private static Dispatcher.Remote action(String name) {
        return new Dispatcher.Remote(
                name,
                new Dispatcher.Target.Mx(),
                new Dispatcher.Identity(name + ".example.org", "", "", "", false),
                Dispatcher.RelayTls.DEFAULT,
                "",
                Duration.ZERO);
    }

    private MtaAgent agent(String lines) {
        dns.put(
                "d.test",
                mx(host(10, "192.0.2.1"), host(10, "192.0.2.2"), host(10, "2001:db8::3")));
        dns.put("e.test", mx(host(10, "192.0.2.1")));
        return agent(limits(lines), action("relay"), action("other"));
    }

    private void send(MtaAgent agent, String action, String rcpt) {
        int msgid = ++msgids;
        Envelope it = Samples.envelope(msgid, 1, rcpt);
        Envelope envelope =
                new Envelope(
                        it.id(),
                        it.origin(),
                        it.sender(),
                        it.rcpt(),
                        it.dest(),
                        new Envelope.Target.Mta(action),
                        it.dsn(),
                        it.created(),
                        it.ttl(),
                        it.state());
        agent.fromQueue()
                .receive(0, new QueueToMta.Transfer(new MsgId(msgid), 100, List.of(envelope)));
    }

    /// Ten messages for each action and domain; the servers are slow.
    private void load(MtaAgent agent, List<String> by, List<String> to) {
        sessions.pace = Duration.ofSeconds(50);
        for (int i = 0; i < 10; i++) {
            for (String action : by) {
                to.forEach(domain -> send(agent, action, "a@" + domain));
            }
        }
    }

    /// The most sessions that are open at one time with the same key.
    private int most(Function<FakeSessions.FakeSession, Object> key, int seconds) {
        int most = 0;
        for (int i = 0; i < seconds; i++) {
            pass(1);
            Map<Object, Long> open =
                    sessions.all.stream()
                            .filter(it -> !it.ended)
                            .collect(Collectors.groupingBy(key, Collectors.counting()));
            most =
                    Math.max(
                            most,
                            Math.toIntExact(open.values().stream().max(Long::compare).orElse(0L)));
        }
        return most;
    }

    private int mostOf(String noun, String lines) {
        MtaAgent agent = agent(lines);
        switch (noun) {
            case "host" -> load(agent, actions, List.of("d.test", "e.test"));
            case "route" -> load(agent, List.of("relay"), List.of("e.test"));
            case "source" -> load(agent, actions, List.of("d.test", "e.test"));
            case "connector", "relay" -> load(agent, List.of("relay"), List.of("d.test"));
            case "domain" -> load(agent, actions, List.of("d.test"));
            default -> throw new IllegalArgumentException(noun);
        }
        Function<FakeSessions.FakeSession, Object> key =
                switch (noun) {
                    case "host" -> it -> it.plan.route().address();
                    case "route" -> it -> it.plan.route();
                    case "connector", "relay" -> it -> it.plan.route().helo();
                    default -> _ -> "all";
                };
        return most(key, 60);
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "route", "source", "connector", "relay", "domain"})
    void connectionsAreBounded(String noun) {
        String key = "mta limit max-conn-per-" + noun;
        assertEquals(2, mostOf(noun, NO_PAUSES + key + " 2\n"));
        sessions.all.clear();
        assertTrue(mostOf(noun, NO_PAUSES) > 2, noun);
    }

    private List<Duration> pauses(Function<FakeSessions.FakeSession, Object> key) {
        Map<String, Instant> last = new TreeMap<>();
        List<Duration> pauses = new ArrayList<>();
        for (FakeSessions.FakeSession session : sessions.all) {
            Instant before = last.put(key.apply(session).toString(), session.opened);
            if (before != null) {
                pauses.add(Duration.between(before, session.opened));
            }
        }
        return pauses;
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "route", "source", "connector", "relay", "domain"})
    void connectsAreSeparated(String noun) {
        // a reverse lookup may stand between the decision and the connect
        Duration seven = Duration.ofMillis(6_950);
        Function<FakeSessions.FakeSession, Object> key =
                switch (noun) {
                    case "host" -> it -> it.plan.route().address();
                    case "route" -> it -> it.plan.route();
                    case "connector", "relay" -> it -> it.plan.route().helo();
                    default -> _ -> "all";
                };
        mostOf(noun, NO_PAUSES + "mta limit conn-delay-" + noun + " 7\n");
        List<Duration> pauses = pauses(key);
        assertFalse(pauses.isEmpty());
        assertTrue(pauses.stream().allMatch(it -> it.compareTo(seven) >= 0), pauses.toString());
        sessions.all.clear();
        mostOf(noun, NO_PAUSES);
        assertTrue(pauses(key).stream().anyMatch(it -> it.compareTo(seven) < 0), noun);
    }

    @Test
    void afterADisconnectARouteRests() {
        MtaAgent agent = agent(NO_PAUSES + "mta limit reconn-delay-route 20 session-keepalive 1\n");
        send(agent, "relay", "a@e.test");
        pass(5);
        assertEquals(0, sessions.open());
        send(agent, "relay", "a@e.test");
        pass(10);
        assertEquals(1, sessions.all.size());
        pass(10);
        assertEquals(2, sessions.all.size());
    }

    @Test
    void anIdleSessionStaysAsLongAsConfigured() {
        MtaAgent agent = agent("mta limit session-keepalive 60\n");
        send(agent, "relay", "a@e.test");
        pass(58);
        assertEquals(1, sessions.open());
        pass(5);
        assertEquals(0, sessions.open());
    }

    @Test
    void aSessionCarriesAsManyMessagesAsConfigured() {
        MtaAgent agent = agent("mta limit session-mail-max 3\n");
        for (int i = 0; i < 6; i++) {
            send(agent, "relay", "a@e.test");
        }
        pass(20);
        assertEquals(6, sessions.messages());
        assertTrue(sessions.all.stream().allMatch(it -> it.messages <= 3));
    }

    @Test
    void messagesOfASessionAreSeparated() {
        MtaAgent agent = agent("mta limit session-transaction-delay 9 max-conn-per-route 1\n");
        for (int i = 0; i < 3; i++) {
            send(agent, "relay", "a@e.test");
        }
        pass(5);
        assertEquals(1, sessions.messages());
        pass(9);
        assertEquals(2, sessions.messages());
        pass(9);
        assertEquals(3, sessions.messages());
        assertEquals(1, sessions.all.size());
    }

    @Test
    void aSessionIsToldHowManyFailuresItMayHave() {
        send(agent("mta limit max-failures-per-session 4\n"), "relay", "a@e.test");
        pass(1);
        assertEquals(4, sessions.all.getFirst().plan.maxFailures());
    }

    @Test
    void aRelayTakesAsManyMessagesAsItsMarksSay() {
        MtaAgent agent = agent("mta limit task-hiwat 4 task-lowat 2 task-release 1\n");
        load(agent, List.of("relay"), List.of("e.test"));
        pass(1);
        long held = queue.sent.stream().filter(MtaToQueue.Hold.class::isInstance).count();
        assertEquals(6, held);
        pass(120);
        List<Integer> released =
                queue.sent.stream()
                        .filter(MtaToQueue.Release.class::isInstance)
                        .map(it -> ((MtaToQueue.Release) it).count())
                        .toList();
        assertFalse(released.isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"inet4", "inet6"})
    void oneFamilyIsUsed(String family) {
        MtaAgent agent = agent(NO_PAUSES + "mta limit " + family + "\n");
        load(agent, List.of("relay"), List.of("d.test"));
        pass(10);
        assertFalse(sessions.all.isEmpty());
        for (FakeSessions.FakeSession session : sessions.all) {
            boolean six = session.plan.route().address().indexOf(':') >= 0;
            assertEquals(family.equals("inet6"), six);
        }
    }

    @Test
    void aDomainHasItsOwnLimits() {
        MtaAgent agent = agent(NO_PAUSES + "mta limit for domain E.test max-conn-per-route 1\n");
        load(agent, List.of("relay"), List.of("e.test"));
        assertEquals(1, most(_ -> "all", 30));
        sessions.all.clear();
        load(agent, List.of("other"), List.of("d.test"));
        assertTrue(most(_ -> "all", 30) > 1);
    }
}
