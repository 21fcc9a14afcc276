package smtpd.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Distribution;
import smtpd.e2e.scenario.Waiting;
import smtpd.testkit.tls.TestCa;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Postfix as next hop, with certificates good and bad, and nsd with a signed zone that says good
/// and bad things about them.
class RelayTlsTest {
    private static final String ZONE = "signed.test";
    private static final String HOST = "mx." + ZONE;

    /// The ports of Postfix, by the certificate it shows there.
    private static final int GOOD = 0;

    private static final int EXPIRED = 1;
    private static final int SELF_SIGNED = 2;
    private static final int WRONG_NAME = 3;
    private static final int NO_TLS = 4;
    private static final int DNS = 5;

    private static final List<AutoCloseable> RUNNING = new ArrayList<>();
    private static List<Integer> ports = List.of();
    private static @Nullable Daemon running;
    private static @Nullable Path folder;

    @BeforeAll
    static void start() throws Exception {
        Peer.needsRoot();
        Path postfix = Peer.program("postfix");
        Path nsd = Peer.program("nsd");
        Path keygen = Peer.program("ldns-keygen");
        Path signzone = Peer.program("ldns-signzone");
        Account account = Account.unprivileged();
        assumeTrue(account.usable(), "setpriv is missing");
        Daemon daemon = Daemon.prepare(account);
        running = daemon;
        ports = Daemon.freePorts(6);
        Instant now = InstantSource.system().instant();
        TestCa ca = TestCa.create(now);
        Path work = Files.createTempDirectory("smtpd-relay-tls");
        folder = work;
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        TestCa.Identity own = TestCa.selfSigned(TestCa.Kind.EC, now, HOST);
        ca.issue(TestCa.Kind.EC, now, HOST, "bad." + ZONE).writeTo(work, "good");
        ca.expired(TestCa.Kind.EC, now, HOST).writeTo(work, "expired");
        own.writeTo(work, "self");
        ca.issue(TestCa.Kind.EC, now, "other.test").writeTo(work, "wrong");
        startPostfix(postfix, work);
        String anchor = startNsd(nsd, keygen, signzone, work, own);
        daemon.write("etc/ca.pem", ca.pem());
        daemon.write("etc/anchors", anchor);
        daemon.write("etc/resolv.conf", "nameserver 127.0.0.1:" + ports.get(DNS) + "\n");
        daemon.write("etc/smtpd.conf", configuration(daemon.prefix()));
        daemon.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (running != null) {
            running.close();
        }
        for (AutoCloseable each : RUNNING.reversed()) {
            each.close();
        }
        if (folder != null) {
            try (Stream<Path> tree = Files.walk(folder)) {
                for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(each);
                }
            }
        }
    }

    private static void startPostfix(Path postfix, Path work) throws IOException {
        Path config = Files.createDirectories(work.resolve("postfix"));
        Path queue = Files.createDirectories(work.resolve("queue"));
        Path data = Files.createDirectories(work.resolve("data"));
        Files.setAttribute(data, "unix:uid", uid("postfix"));
        Files.writeString(
                config.resolve("main.cf"),
                """
                compatibility_level = 3.6
                queue_directory = %s
                data_directory = %s
                maillog_file = /dev/stdout
                myhostname = mx.signed.test
                mydestination =
                relay_domains = static:all
                default_transport = discard:
                relay_transport = discard:
                inet_interfaces = 127.0.0.1
                smtpd_recipient_restrictions =
                smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
                mynetworks = 127.0.0.0/8
                smtpd_tls_session_cache_database =
                alias_maps =
                """
                        .formatted(queue, data));
        StringBuilder master =
                new StringBuilder(
                        """
                        postlog unix-dgram n - n - 1 postlogd
                        cleanup unix n - n - 0 cleanup
                        qmgr unix n - n 300 1 qmgr
                        rewrite unix - - n - - trivial-rewrite
                        discard unix - - n - - discard
                        bounce unix - - n - 0 bounce
                        defer unix - - n - 0 bounce
                        trace unix - - n - 0 bounce
                        tlsmgr unix - - n 1000? 1 tlsmgr
                        anvil unix - - n - 1 anvil
                        proxymap unix - - n - - proxymap
                        error unix - - n - - error
                        retry unix - - n - - error
                        """);
        List<String> names = List.of("good", "expired", "self", "wrong");
        for (int i = 0; i < names.size(); i++) {
            master.append("127.0.0.1:").append(ports.get(i)).append(" inet n - n - - smtpd\n");
            master.append("  -o smtpd_tls_security_level=may\n");
            Path key = work.resolve(names.get(i) + ".key");
            Path certificate = work.resolve(names.get(i) + ".crt");
            master.append("  -o smtpd_tls_chain_files=").append(key).append(',');
            master.append(certificate).append('\n');
        }
        master.append("127.0.0.1:").append(ports.get(NO_TLS)).append(" inet n - n - - smtpd\n");
        Files.writeString(config.resolve("master.cf"), master);
        List<String> command = List.of(postfix.toString(), "-c", config.toString(), "start-fg");
        RUNNING.add(Peer.start(command, work, ports.get(NO_TLS)));
    }

    private static int uid(String user) throws IOException {
        for (String line : Files.readAllLines(Path.of("/etc/passwd"))) {
            String[] fields = line.split(":", -1);
            if (fields[0].equals(user)) {
                return Integer.parseInt(fields[2]);
            }
        }
        throw new IOException("no user " + user);
    }

    private static String sha256(byte[] bytes) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /// Signs the zone, serves it, and returns its trust anchor.
    private static String startNsd(
            Path nsd, Path keygen, Path signzone, Path work, TestCa.Identity own)
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
                        .formatted(ports.get(SELF_SIGNED), ports.get(GOOD), key, other));
        String name = output(work, keygen.toString(), "-a", "ECDSAP256SHA256", "-k", ZONE).strip();
        output(work, signzone.toString(), "-f", "zone.signed", "zone", name);
        String signed = Files.readString(work.resolve("zone.signed"));
        Files.writeString(work.resolve("zone.signed"), forged(signed, key, other));
        Files.writeString(
                work.resolve("nsd.conf"),
                """
                server:
                    ip-address: 127.0.0.1@%1$d
                    server-count: 1
                    username: ""
                    zonesdir: "%2$s"
                    xfrdfile: "%2$s/xfrd.state"
                    pidfile: "%2$s/nsd.pid"
                    database: ""
                remote-control:
                    control-enable: no
                zone:
                    name: signed.test
                    zonefile: zone.signed
                """
                        .formatted(ports.get(DNS), work)
                        .replaceAll("(?m)^ *database: \"\"\n", ""));
        List<String> command =
                List.of(nsd.toString(), "-d", "-c", work.resolve("nsd.conf").toString());
        RUNNING.add(Peer.start(command, work, ports.get(DNS)));
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

    private static String output(Path directory, String... words)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(words)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(List.of(words) + ": " + output);
        }
        return output;
    }

    private static String configuration(Path prefix) {
        StringBuilder text =
                new StringBuilder(
                        """
                        ca "test" cert "%1$s/etc/ca.pem"
                        mta dane anchors "%1$s/etc/anchors"
                        listen on socket
                        """
                                .formatted(prefix));
        Map<String, String> hosts =
                Map.ofEntries(
                        Map.entry("verify-good", url("smtp+tls", HOST, GOOD)),
                        Map.entry("verify-expired", url("smtp+tls", HOST, EXPIRED)),
                        Map.entry("verify-self", url("smtp+tls", HOST, SELF_SIGNED)),
                        Map.entry("verify-wrong", url("smtp+tls", HOST, WRONG_NAME)),
                        Map.entry("verify-none", url("smtp+tls", HOST, NO_TLS)),
                        Map.entry("any-good", url("smtp", HOST, GOOD)),
                        Map.entry("any-expired", url("smtp", HOST, EXPIRED)),
                        Map.entry("any-self", url("smtp", HOST, SELF_SIGNED)),
                        Map.entry("any-wrong", url("smtp", HOST, WRONG_NAME)),
                        Map.entry("any-none", url("smtp", HOST, NO_TLS)),
                        Map.entry("never", url("smtp+notls", HOST, GOOD)),
                        Map.entry("dane-good", url("smtp", "own." + ZONE, SELF_SIGNED)),
                        Map.entry("dane-bad", url("smtp", "bad." + ZONE, GOOD)),
                        Map.entry("dane-unusable", url("smtp", "unusable." + ZONE, SELF_SIGNED)),
                        Map.entry("dane-bogus", url("smtp", "bogus." + ZONE, SELF_SIGNED)));
        for (String name : hosts.keySet().stream().sorted().toList()) {
            text.append("action \"").append(name).append("\" relay host ");
            text.append('"').append(hosts.get(name)).append("\" ca \"test\"\n");
            text.append("match from local for domain \"").append(name).append(".test\" action \"");
            text.append(name).append("\"\n");
        }
        return text.toString();
    }

    private static String url(String scheme, String host, int port) {
        return scheme + "://" + host + ":" + ports.get(port);
    }

    private static Daemon daemon() {
        if (running == null) {
            throw new IllegalStateException("not started");
        }
        return running;
    }

    @ParameterizedTest
    @DisplayName("F-48 F-49 beside Postfix and a signed zone")
    @CsvSource({
        "verify-good,     Ok,       /verified/verify",
        "verify-expired,  TempFail, is not verified (verify)",
        "verify-self,     TempFail, is not verified (verify)",
        "verify-wrong,    TempFail, not for mx.signed.test",
        "verify-none,     TempFail, TLS required but not supported by remote host",
        "any-good,        Ok,       /verified/opportunistic",
        "any-expired,     Ok,       /unverified/opportunistic",
        "any-self,        Ok,       /unverified/opportunistic",
        "any-wrong,       Ok,       /unverified/opportunistic",
        "any-none,        Ok,       tls=none",
        "never,           Ok,       tls=none",
        "dane-good,       Ok,       /verified/dane",
        "dane-bad,        TempFail, no TLSA record fits the certificate",
        "dane-unusable,   Ok,       /unverified/dane-only",
        "dane-bogus,      TempFail, cannot be looked up securely",
    })
    void mailGetsWhatItIsOwed(String domain, String result, String says) throws Exception {
        String rcpt = "someone@" + domain + ".test";
        Distribution.Result sent =
                daemon().program(
                                "sendmail",
                                List.of("-f", "sender@example.org", rcpt),
                                "Subject: x\n\nx\n".getBytes(UTF_8));
        assertTrue(sent.status() == 0, sent::toString);
        Waiting.until(() -> line(rcpt).isPresent(), () -> daemon().lastLines());
        String line = line(rcpt).orElseThrow();
        assertTrue(line.contains("result=\"" + result + "\"") && line.contains(says), line);
    }

    private static Optional<String> line(String rcpt) {
        try (Stream<String> lines = daemon().log(0).stream()) {
            return lines.filter(it -> it.contains("mta delivery") && it.contains("<" + rcpt + ">"))
                    .findFirst();
        }
    }
}
