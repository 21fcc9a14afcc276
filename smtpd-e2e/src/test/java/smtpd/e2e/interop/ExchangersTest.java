package smtpd.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import smtpd.core.conf.Limits;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.FarEnd;
import smtpd.e2e.scenario.OwnNetwork;
import smtpd.e2e.scenario.Started;
import smtpd.e2e.scenario.Submitter;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// The daemon, started by root, between mail exchangers on port 25 that it finds in nsd: fifty
/// domains that share one, a thousand recipients of one message, and exchangers of three
/// preferences, as their client and as one of them.
@ExtendWith(OwnNetwork.class)
class ExchangersTest {
    private static final int SMTP = 25;
    private static final InetSocketAddress DNS =
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.53"), 53);
    private static final int DOMAINS = 50;
    private static final int MESSAGES = 1000;
    private static final int MESSAGES_OF_A_SESSION = 100;
    private static final int RCPTS = 1000;

    private static final String IPV6_LISTENER = "listen on ::1 port 2525 hostname second.test";

    private static final String SHARED = "127.0.0.20";
    private static final String FIRST = "127.0.0.21";

    /// The daemon is the second of three.
    private static final String OURSELVES = "127.0.0.1";

    private static final String THIRD = "127.0.0.23";
    private static final String DEAD = "127.0.0.24";
    private static final String BUSY = "127.0.0.25";
    private static final String WILLING = "127.0.0.26";
    private static final String CAPPED = "127.0.0.28";
    private static final String LIMITS = "127.0.0.29";

    @AutoClose private static final Started STARTED = new Started();

    @BeforeAll
    static void start() throws Exception {
        Peer.program("nsd");
        assumeTrue(
                Account.daemonUsersExist(),
                "users of the daemon are missing: etc/interop makes them");
        WorkFolder work = WorkFolder.make("exchangers");
        STARTED.add(work);
        STARTED.add(Nsd.start(work.path(), DNS, Map.of("test", zone())));
        Daemon daemon = STARTED.prepare(Account.caller());
        daemon.write("etc/resolv.conf", "nameserver " + DNS.getAddress().getHostAddress() + "\n");
        daemon.write(
                "etc/smtpd.conf",
                """
                listen on %s port 25 hostname second.test
                %s
                action "backup" relay backup mx "second.test" helo "second.test"
                action "out" relay helo "second.test"
                match from any for domain "backup.test" action "backup"
                match from any for any action "out"
                """
                        .formatted(OURSELVES, OwnNetwork.hasIpv6() ? IPV6_LISTENER : ""));
        daemon.start();
    }

    private static String zone() {
        StringBuilder zone =
                new StringBuilder(
                        """
                        $ORIGIN test.
                        $TTL 60
                        @ SOA ns hostmaster 1 60 60 60 60
                        @ NS ns
                        ns A 127.0.0.53
                        backup MX 10 first
                        backup MX 20 second
                        backup MX 30 third
                        ordinary MX 10 dead
                        ordinary MX 20 busy
                        ordinary MX 30 willing
                        many MX 10 shared
                        capped MX 10 capped
                        limits MX 10 limits
                        six MX 10 six
                        six AAAA ::1
                        both MX 10 both
                        both A 127.0.0.30
                        both AAAA ::1
                        """);
        Map.of(
                        "shared", SHARED, "first", FIRST, "second", OURSELVES, "third", THIRD,
                        "dead", DEAD, "busy", BUSY, "willing", WILLING, "capped", CAPPED, "limits",
                        LIMITS)
                .forEach((name, address) -> zone.append(name + " A " + address + "\n"));
        for (int i = 0; i < DOMAINS; i++) {
            zone.append("d" + i + " MX 10 shared\n");
        }
        return zone.toString();
    }

    private static Daemon daemon() {
        return STARTED.daemon();
    }

    private static void await(FarEnd end, int messages) throws IOException {
        Waiting.until(
                () -> end.contents().size() >= messages,
                () -> end.contents().size() + " arrived:\n" + daemon().lastLines());
        assertEquals(messages, end.contents().size());
    }

    @Test
    void domainsWithOneExchangerShareItsConnections() throws IOException {
        try (FarEnd exchanger = FarEnd.start(SHARED, SMTP)) {
            for (int sent = 0; sent < MESSAGES; sent += MESSAGES_OF_A_SESSION) {
                try (Submitter submitter = new Submitter(SMTP)) {
                    for (int i = sent; i < sent + MESSAGES_OF_A_SESSION; i++) {
                        submitter.message(List.of("u@d" + i % DOMAINS + ".test"));
                    }
                }
            }
            await(exchanger, MESSAGES);
            long connections = exchanger.count("EHLO");
            assertEquals(MESSAGES, exchanger.count("DATA"));
            int full = MESSAGES / Limits.MtaSession.DEFAULT.mailMax();
            int slots = Limits.MtaLimits.DEFAULT.maxConn().route();
            System.out.printf(
                    "%d messages to %d domains with one exchanger: %d connections, %d transactions;"
                            + " a connection for each domain would be %d or more%n",
                    MESSAGES, DOMAINS, connections, exchanger.count("DATA"), DOMAINS);
            assertTrue(connections <= full + 2L * slots, connections + " connections");
        }
    }

    /// Sends one message to a thousand recipients and returns when all have it.
    private static void aThousand(String domain, FarEnd exchanger, int transactions)
            throws IOException {
        try (Submitter submitter = new Submitter(SMTP)) {
            submitter.message(IntStream.range(0, RCPTS).mapToObj(i -> "u" + i + domain).toList());
        }
        await(exchanger, transactions);
        assertEquals(transactions, exchanger.count("DATA"));
        assertEquals(1, exchanger.count("EHLO"));
        long taken =
                exchanger.transcript().stream()
                        .filter(line -> line.contains(" RCPT ") && line.endsWith(" 250"))
                        .map(line -> line.substring(line.indexOf('<')))
                        .distinct()
                        .count();
        assertEquals(RCPTS, taken);
        String last = "<u" + (RCPTS - 1) + domain + ">";
        Waiting.until(
                () ->
                        daemon().log(0).stream()
                                .anyMatch(it -> it.contains("Ok") && it.contains(last)),
                () -> daemon().lastLines());
    }

    @Test
    void aThousandRecipientsAreOneTransaction() throws IOException {
        try (FarEnd exchanger = FarEnd.start(SHARED, SMTP)) {
            aThousand("@many.test", exchanger, 1);
            assertEquals(RCPTS, exchanger.count("RCPT"));
        }
    }

    @Test
    @DisplayName("F-56: recipients put off by 452 go into the next transactions of the connection")
    void aThousandRecipientsByTheHundred() throws IOException {
        try (FarEnd exchanger = FarEnd.start(CAPPED, SMTP)) {
            exchanger.rcptMax(100, false);
            aThousand("@capped.test", exchanger, 10);
            long asked = exchanger.count("RCPT");
            assertTrue(asked < 2 * RCPTS, asked + " commands");
        }
    }

    @Test
    void aThousandRecipientsWithinTheLimitThatWasTold() throws IOException {
        try (FarEnd exchanger = FarEnd.start(LIMITS, SMTP)) {
            exchanger.rcptMax(100, true);
            aThousand("@limits.test", exchanger, 10);
            assertEquals(RCPTS, exchanger.count("RCPT"));
        }
    }

    @Test
    void theNextPreferenceStandsIn() throws IOException {
        try (FarEnd busy = FarEnd.start(BUSY, SMTP);
                FarEnd willing = FarEnd.start(WILLING, SMTP)) {
            busy.greeting("421 4.3.2 not now");
            Submitter.message(SMTP, "someone@ordinary.test");
            await(willing, 1);
            assertEquals(1, busy.count("sent away"));
        }
    }

    @Test
    void addressesOfBothFamiliesAreUsed() throws IOException {
        assumeTrue(OwnNetwork.hasIpv6(), "IPv6 is missing");
        try (FarEnd exchanger = FarEnd.start("::1", SMTP)) {
            try (Submitter submitter = new Submitter("::1", 2525)) {
                submitter.message(List.of("someone@six.test"));
                submitter.message(List.of("someone@both.test"));
            }
            await(exchanger, 2);
        }
    }

    @Test
    void aBackupKeepsMailForThoseThatArePreferredToIt() throws Exception {
        String rcpt = "someone@backup.test";
        try (FarEnd third = FarEnd.start(THIRD, SMTP)) {
            Submitter.message(SMTP, rcpt);
            Waiting.until(
                    () ->
                            daemon().log(0).stream()
                                    .anyMatch(it -> it.contains(rcpt) && it.contains("TempFail")),
                    () -> daemon().lastLines());
            String queue = daemon().mustSay("show", "queue");
            assertTrue(queue.contains(rcpt), queue);
            try (FarEnd first = FarEnd.start(FIRST, SMTP)) {
                daemon().mustSay("resume", "route", routeTo(FIRST));
                Waiting.until(
                        () -> {
                            daemon().mustSay("schedule", "all");
                            return !first.contents().isEmpty();
                        },
                        () -> daemon().lastLines());
                await(first, 1);
            }
            assertEquals(List.of(), third.transcript());
        }
    }

    private static String routeTo(String address) {
        String routes = daemon().mustSay("show", "routes");
        return routes.lines()
                .filter(line -> line.contains(address))
                .map(line -> line.split("[. ]", 2)[0])
                .findFirst()
                .orElseThrow(() -> new AssertionError(routes));
    }
}
