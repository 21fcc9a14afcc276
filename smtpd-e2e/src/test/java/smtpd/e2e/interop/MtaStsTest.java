package smtpd.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.OwnNetwork;
import smtpd.e2e.scenario.Started;
import smtpd.e2e.scenario.Submitter;
import smtpd.e2e.scenario.Waiting;
import smtpd.testkit.tls.TestCa;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Domains with policies about their mail exchangers (RFC 8461): nsd has their records, web servers
/// on port 443 their policies, and Postfix is their exchangers, with certificates good and bad.
@ExtendWith(OwnNetwork.class)
class MtaStsTest {
    private static final InetSocketAddress DNS = place("127.0.0.53", 53);
    private static final InetSocketAddress POLICIES = place("127.0.0.80", 443);
    private static final InetSocketAddress FALSE_POLICIES = place("127.0.0.81", 443);

    /// The policy that is no more after this.
    private static final Duration SHORT = Duration.ofSeconds(1);

    /// A domain: what it says, what its exchanger shows, and what becomes of its mail.
    private enum Domain {
        GOOD("enforce", Shown.GOOD, "Ok", "/verified/sts"),
        EXPIRED("enforce", Shown.EXPIRED, "TempFail", "is not verified (sts)"),
        SELF_SIGNED("enforce", Shown.SELF_SIGNED, "TempFail", "is not verified (sts)"),
        WRONG_NAME("enforce", Shown.WRONG_NAME, "TempFail", "not for wrong-name.mx.test"),
        NO_TLS("enforce", Shown.NOTHING, "TempFail", "TLS required but not supported"),
        OTHER_HOST("enforce", Shown.GOOD, "TempFail", "not one that the policy"),
        SHORT_LIVED("enforce", Shown.SELF_SIGNED, "TempFail", "is not verified (sts)"),
        TESTED("testing", Shown.SELF_SIGNED, "Ok", "/unverified/opportunistic"),
        TESTED_OTHER_HOST("testing", Shown.NOTHING, "Ok", "tls=none"),
        GIVEN_UP("none", Shown.SELF_SIGNED, "Ok", "/unverified/opportunistic"),
        FALSE_SERVER("enforce", Shown.SELF_SIGNED, "Ok", "/unverified/opportunistic"),
        NOT_FOUND("enforce", Shown.SELF_SIGNED, "Ok", "/unverified/opportunistic");

        final String mode;
        final Shown shown;
        final String result;
        final String says;

        Domain(String mode, Shown shown, String result, String says) {
            this.mode = mode;
            this.shown = shown;
            this.result = result;
            this.says = says;
        }

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        String policy() {
            boolean other = this == OTHER_HOST || this == TESTED_OTHER_HOST;
            String mx = other ? "other.mx.test" : shown.word() + ".mx.test";
            Duration age = this == SHORT_LIVED ? SHORT : Duration.ofDays(7);
            return "version: STSv1\r\nmode: %s\r\nmx: %s\r\nmax_age: %d\r\n"
                    .formatted(mode, mx, age.toSeconds());
        }

        String records() {
            InetSocketAddress server = this == FALSE_SERVER ? FALSE_POLICIES : POLICIES;
            return """
            %1$s MX 10 %2$s.mx
            _mta-sts.%1$s TXT "v=STSv1; id=1"
            mta-sts.%1$s A %3$s
            """
                    .formatted(label(), shown.word(), server.getAddress().getHostAddress());
        }
    }

    private static final List<PolicyServer> SERVERS = new ArrayList<>();
    @AutoClose private static final Started STARTED = new Started();

    private static InetSocketAddress place(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    @BeforeAll
    static void start() throws Exception {
        List.of("nsd", "postfix").forEach(Peer::program);
        assumeTrue(
                Account.daemonUsersExist(),
                "users of the daemon are missing: etc/interop makes them");
        WorkFolder work = WorkFolder.make("mta-sts");
        STARTED.add(work);
        Instant now = InstantSource.system().instant();
        TestCa ca = TestCa.create(now);
        startExchangers(work.path(), ca, now);
        startPolicies(ca, now);
        Daemon daemon = STARTED.prepare(Account.caller());
        daemon.write("etc/ca.pem", ca.pem());
        daemon.write("etc/resolv.conf", "nameserver " + DNS.getAddress().getHostAddress() + "\n");
        daemon.write(
                "etc/smtpd.conf",
                """
                ca "test" cert "%1$s/etc/ca.pem"
                mta mta-sts ca "test"
                listen on 127.0.0.1 port 25
                action "out" relay ca "test"
                match from any for any action "out"
                """
                        .formatted(daemon.prefix()));
        daemon.start();
        try (Submitter submitter = new Submitter(25)) {
            for (Domain domain : Domain.values()) {
                submitter.message(List.of("first@" + domain.label() + ".test"));
            }
        }
    }

    private static void startExchangers(Path work, TestCa ca, Instant now) throws IOException {
        Map<Shown, InetSocketAddress> places = new EnumMap<>(Shown.class);
        StringBuilder zone =
                new StringBuilder(
                        """
                        $ORIGIN test.
                        $TTL 60
                        @ SOA ns hostmaster 1 60 60 60 60
                        @ NS ns
                        ns A 127.0.0.53
                        """);
        for (Shown shown : Shown.values()) {
            String address = "127.0.0." + (10 + places.size());
            places.put(shown, place(address, 25));
            zone.append(shown.word()).append(".mx A ").append(address).append('\n');
        }
        for (Domain domain : Domain.values()) {
            zone.append(domain.records());
        }
        Path keys = work.resolve("keys");
        Shown.writeTo(keys, ca, now, "good.mx.test", "expired.mx.test", "self-signed.mx.test");
        STARTED.add(Postfix.start(work, "good.mx.test", keys, places, ""));
        STARTED.add(Nsd.start(work, DNS, Map.of("test", zone.toString())));
    }

    private static void startPolicies(TestCa ca, Instant now) throws Exception {
        Map<String, String> policies = new LinkedHashMap<>();
        List<String> names = new ArrayList<>();
        for (Domain domain : Domain.values()) {
            String name = domain.label() + ".test";
            names.add("mta-sts." + name);
            if (domain != Domain.NOT_FOUND) {
                policies.put(name, domain.policy());
            }
        }
        String[] all = names.toArray(String[]::new);
        TestCa.Identity good = ca.issue(TestCa.Kind.EC, now, all);
        TestCa.Identity own = TestCa.selfSigned(TestCa.Kind.EC, now, all);
        SERVERS.add(STARTED.add(PolicyServer.start(FALSE_POLICIES, own, policies)));
        SERVERS.add(STARTED.add(PolicyServer.start(POLICIES, good, policies)));
    }

    private static Daemon daemon() {
        return STARTED.daemon();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("F-48 F-50 policies of domains")
    void mailGetsWhatThePolicySays(Domain domain) throws IOException {
        assertDelivery("first", domain, domain.result, domain.says);
        switch (domain) {
            case TESTED_OTHER_HOST ->
                    assertLogged(
                            "MTA-STS policy of tested-other-host.test (testing) does not allow host"
                                    + " nothing.mx.test");
            case FALSE_SERVER ->
                    assertLogged("MTA-STS policy of false-server.test: mta-sts.false-server.test");
            case NOT_FOUND -> assertLogged("mta-sts.not-found.test: HTTP status 404");
            default -> {}
        }
    }

    @Test
    @DisplayName("F-50: a policy outlives restarts and its server, until it ends")
    void policiesAreKept() throws Exception {
        for (Domain domain : Domain.values()) {
            assertDelivery("first", domain, domain.result, domain.says);
        }
        long since = System.nanoTime();
        daemon().stop();
        SERVERS.forEach(PolicyServer::close);
        Waiting.until(() -> System.nanoTime() - since > SHORT.toNanos(), () -> "time stands still");
        daemon().start();
        List<Domain> domains = List.of(Domain.GOOD, Domain.WRONG_NAME, Domain.SHORT_LIVED);
        try (Submitter submitter = new Submitter(25)) {
            for (Domain domain : domains) {
                submitter.message(List.of("second@" + domain.label() + ".test"));
            }
        }
        assertDelivery("second", Domain.GOOD, "Ok", "/verified/sts");
        assertDelivery("second", Domain.WRONG_NAME, "TempFail", "not for wrong-name.mx.test");
        assertDelivery("second", Domain.SHORT_LIVED, "Ok", "/unverified/opportunistic");
    }

    private static void assertLogged(String text) {
        assertTrue(
                daemon().log(0).stream().anyMatch(line -> line.contains(text)),
                () -> daemon().lastLines());
    }

    private static void assertDelivery(String user, Domain domain, String result, String says)
            throws IOException {
        String rcpt = "to=<" + user + "@" + domain.label() + ".test>";
        Waiting.until(() -> line(rcpt).isPresent(), () -> rcpt + "\n" + daemon().lastLines());
        String line = line(rcpt).orElseThrow();
        assertTrue(line.contains("result=\"" + result + "\"") && line.contains(says), line);
    }

    private static Optional<String> line(String rcpt) {
        return daemon().log(0).stream()
                .filter(it -> it.contains("mta delivery") && it.contains(rcpt))
                .findFirst();
    }
}
