package smtpd.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Started;
import smtpd.e2e.scenario.Submitter;
import smtpd.e2e.scenario.Waiting;
import smtpd.testkit.tls.TestCa;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Postfix and Exim as next hops, with certificates good and bad, and nsd with a signed zone that
/// says good and bad things about them.
class RelayTlsTest {
    private static final String ZONE = "signed.test";
    private static final String HOST = "mx." + ZONE;
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private static final Map<Shown, Integer> POSTFIX = new EnumMap<>(Shown.class);
    private static final Map<Shown, Integer> EXIM = new EnumMap<>(Shown.class);
    @AutoClose private static final Started STARTED = new Started();

    private static @Nullable Exim exim;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        Peer.needsRoot();
        List.of("postfix", "exim4", "nsd", "ldns-keygen", "ldns-signzone").forEach(Peer::program);
        Daemon daemon = STARTED.prepare(Account.unprivileged());
        List<Integer> ports = new ArrayList<>(Ports.free(2 + 2 * Shown.values().length));
        port = ports.removeFirst();
        int dns = ports.removeFirst();
        for (Shown shown : Shown.values()) {
            POSTFIX.put(shown, ports.removeFirst());
            EXIM.put(shown, ports.removeFirst());
        }
        WorkFolder work = WorkFolder.make("relay-tls");
        STARTED.add(work);
        Instant now = InstantSource.system().instant();
        TestCa ca = TestCa.create(now);
        Path keys = work.path().resolve("keys");
        TestCa.Identity own = Shown.writeTo(keys, ca, now, HOST, "bad." + ZONE);
        STARTED.add(Postfix.start(work.path(), HOST, keys, Postfix.ports(POSTFIX), ""));
        Exim started = Exim.start(work.path(), HOST, keys, EXIM, "");
        exim = started;
        STARTED.add(started.peer());
        daemon.write("etc/anchors", startNsd(work.path(), dns, own));
        daemon.write("etc/ca.pem", ca.pem());
        daemon.write("etc/resolv.conf", "nameserver 127.0.0.1:" + dns + "\n");
        daemon.write("etc/smtpd.conf", configuration(daemon.prefix()));
        daemon.start();
        sendAll();
    }

    private static String sha256(byte[] bytes) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /// Signs the zone, serves it, and returns its trust anchor.
    private static String startNsd(Path work, int dns, TestCa.Identity own)
            throws IOException, InterruptedException, GeneralSecurityException {
        String key = sha256(own.certificate().getPublicKey().getEncoded());
        String other = "ab".repeat(32);
        Files.writeString(
                work.resolve("zone"),
                """
                $ORIGIN signed.test.
                $TTL 60
                @ SOA ns hostmaster 1 60 60 60 60
                @ NS ns
                ns A 127.0.0.1
                mx A 127.0.0.1
                own A 127.0.0.1
                _%1$d._tcp.own TLSA 3 1 1 %3$s
                bad A 127.0.0.1
                _%2$d._tcp.bad TLSA 3 1 1 %4$s
                unusable A 127.0.0.1
                _%1$d._tcp.unusable TLSA 1 1 1 %4$s
                bogus A 127.0.0.1
                _%1$d._tcp.bogus TLSA 3 1 1 %3$s
                """
                        .formatted(
                                POSTFIX.get(Shown.SELF_SIGNED),
                                POSTFIX.get(Shown.GOOD),
                                key,
                                other));
        String keygen = Peer.program("ldns-keygen").toString();
        String name = Peer.output(work, keygen, "-a", "ECDSAP256SHA256", "-k", ZONE).strip();
        String signzone = Peer.program("ldns-signzone").toString();
        Peer.output(work, signzone, "-f", "zone.signed", "zone", name);
        String signed = forged(Files.readString(work.resolve("zone.signed")), key, other);
        STARTED.add(Nsd.start(work, new InetSocketAddress(LOOPBACK, dns), Map.of(ZONE, signed)));
        return Files.readString(work.resolve(name + ".ds"));
    }

    /// One record that is not what was signed.
    private static String forged(String zone, String key, String other) {
        StringBuilder lines = new StringBuilder();
        for (String line : zone.lines().toList()) {
            boolean target = line.contains("._tcp.bogus.") && line.contains("\tTLSA\t3");
            lines.append(target ? line.replace(key, other) : line).append('\n');
        }
        return lines.toString();
    }

    /// The relay hosts, by the domains that lead to them.
    private static Map<String, String> hosts() {
        Map<String, String> hosts = new TreeMap<>();
        Map<String, Map<Shown, Integer>> peers = Map.of("postfix", POSTFIX, "exim", EXIM);
        peers.forEach((peer, ports) -> {
            for (Shown shown : Shown.values()) {
                String end = "-" + shown.word() + "." + peer + ".test";
                hosts.put("verify" + end, url("smtp+tls", HOST, ports, shown));
                hosts.put("any" + end, url("smtp", HOST, ports, shown));
            }
            hosts.put("never." + peer + ".test", url("smtp+notls", HOST, ports, Shown.GOOD));
        });
        hosts.put("good.dane.test", url("smtp", "own." + ZONE, POSTFIX, Shown.SELF_SIGNED));
        hosts.put("bad.dane.test", url("smtp", "bad." + ZONE, POSTFIX, Shown.GOOD));
        hosts.put(
                "unusable.dane.test", url("smtp", "unusable." + ZONE, POSTFIX, Shown.SELF_SIGNED));
        hosts.put("bogus.dane.test", url("smtp", "bogus." + ZONE, POSTFIX, Shown.SELF_SIGNED));
        return hosts;
    }

    private static String url(String scheme, String host, Map<Shown, Integer> ports, Shown shown) {
        return scheme + "://" + host + ":" + ports.get(shown);
    }

    private static String configuration(Path prefix) {
        StringBuilder text =
                new StringBuilder(
                        """
                        ca "test" cert "%1$s/etc/ca.pem"
                        mta limit max-conn-per-host 100
                        mta dane anchors "%1$s/etc/anchors"
                        listen on 127.0.0.1 port %2$d
                        """
                                .formatted(prefix, port));
        hosts().forEach((domain, url) -> {
            text.append("action \"").append(domain).append("\" relay host \"");
            text.append(url).append("\" ca \"test\"\n");
            text.append("match from any for domain \"").append(domain);
            text.append("\" action \"").append(domain).append("\"\n");
        });
        return text.toString();
    }

    private static void sendAll() throws IOException {
        try (Submitter submitter = new Submitter(port)) {
            for (String domain : hosts().keySet()) {
                submitter.message(List.of("someone@" + domain));
            }
        }
    }

    private static Daemon daemon() {
        return STARTED.daemon();
    }

    @ParameterizedTest
    @DisplayName("F-48 beside Postfix and Exim")
    @CsvSource({
        "verify-good,        Ok,       /verified/verify",
        "verify-expired,     TempFail, is not verified (verify)",
        "verify-self-signed, TempFail, is not verified (verify)",
        "verify-wrong-name,  TempFail, not for mx.signed.test",
        "verify-nothing,     TempFail, TLS required but not supported by remote host",
        "any-good,           Ok,       /verified/opportunistic",
        "any-expired,        Ok,       /unverified/opportunistic",
        "any-self-signed,    Ok,       /unverified/opportunistic",
        "any-wrong-name,     Ok,       /unverified/opportunistic",
        "any-nothing,        Ok,       tls=none",
        "never,              Ok,       tls=none",
    })
    void mailGetsWhatItIsOwed(String what, String result, String says) throws IOException {
        for (String peer : List.of("postfix", "exim")) {
            assertDelivery(what + "." + peer + ".test", result, says);
        }
    }

    @ParameterizedTest
    @DisplayName("F-48 F-49 beside a signed zone")
    @CsvSource({
        "good,     Ok,       /verified/dane",
        "bad,      TempFail, no TLSA record fits the certificate",
        "unusable, Ok,       /unverified/dane-only",
        "bogus,    TempFail, cannot be looked up securely",
    })
    void mailGetsWhatTheZoneSays(String what, String result, String says) throws IOException {
        assertDelivery(what + ".dane.test", result, says);
    }

    @Test
    void serversThatAreNotTrustedAreLeftInGoodOrder() throws IOException {
        for (Shown shown : List.of(Shown.EXPIRED, Shown.SELF_SIGNED, Shown.WRONG_NAME)) {
            assertDelivery("verify-" + shown.word() + ".exim.test", "TempFail", "");
        }
        Exim peer = Objects.requireNonNull(exim);
        // theirs, that of the server without TLS, and the one by which we saw that it listens
        Waiting.until(() -> peer.losses().size() >= 5, () -> String.valueOf(daemon().lastLines()));
        assertTrue(
                peer.losses().stream().noneMatch(line -> line.contains("TLS error")),
                peer.losses()::toString);
    }

    private static void assertDelivery(String domain, String result, String says)
            throws IOException {
        Waiting.until(() -> line(domain).isPresent(), () -> daemon().lastLines());
        String line = line(domain).orElseThrow();
        assertTrue(line.contains("result=\"" + result + "\"") && line.contains(says), line);
    }

    private static Optional<String> line(String domain) {
        try (Stream<String> lines = daemon().log(0).stream()) {
            return lines.filter(
                            it -> it.contains("mta delivery") && it.contains("@" + domain + ">"))
                    .findFirst();
        }
    }
}
