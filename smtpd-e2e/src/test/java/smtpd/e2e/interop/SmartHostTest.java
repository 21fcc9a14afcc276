package smtpd.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Started;
import smtpd.e2e.scenario.Submitter;
import smtpd.e2e.scenario.Waiting;
import smtpd.testkit.tls.TestCa;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/// Servers that are told by name and want to know who we are: Postfix, with Dovecot's passwords,
/// and Exim as smart hosts; and Dovecot as LMTP server, over TCP and at a socket.
class SmartHostTest {
    @AutoClose private static final Started STARTED = new Started();

    private static @Nullable Dovecot dovecot;
    private static @Nullable Exim exim;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        Peer.needsRoot();
        List.of("postfix", "exim4", "dovecot").forEach(Peer::program);
        Daemon daemon = STARTED.prepare(Account.unprivileged());
        WorkFolder work = WorkFolder.make("smart-host");
        STARTED.add(work);
        List<Integer> ports = Ports.free(6);
        port = ports.getFirst();
        Instant now = InstantSource.system().instant();
        TestCa ca = TestCa.create(now);
        Path keys = work.path().resolve("keys");
        Shown.writeTo(keys, ca, now, "localhost");
        Files.writeString(keys.resolve("ca.pem"), ca.pem());
        ca.issue(TestCa.Kind.EC, now, "us.test").writeTo(daemon.prefix().resolve("etc"), "us");
        Dovecot boxes = Dovecot.start(work.path(), ports.get(1));
        dovecot = boxes;
        STARTED.add(boxes.peer());
        STARTED.add(
                Postfix.start(
                        work.path(),
                        "localhost",
                        keys,
                        Postfix.ports(
                                Map.of(Shown.GOOD, ports.get(2), Shown.NOTHING, ports.get(3))),
                        """
                        smtpd_sasl_auth_enable = yes
                        smtpd_sasl_type = dovecot
                        smtpd_sasl_path = %s
                        smtpd_tls_auth_only = yes
                        smtpd_tls_ask_ccert = yes
                        smtpd_tls_CAfile = %s
                        smtpd_client_restrictions = permit_sasl_authenticated,
                            permit_tls_all_clientcerts, reject
                        """
                                .formatted(boxes.auth(), keys.resolve("ca.pem"))));
        exim =
                Exim.start(
                        work.path(),
                        "localhost",
                        keys,
                        Map.of(Shown.GOOD, ports.get(4), Shown.WRONG_NAME, ports.get(5)),
                        eximOptions(ports.get(4)));
        STARTED.add(exim.peer());
        daemon.write("etc/ca.pem", ca.pem());
        daemon.write("etc/smtpd.conf", configuration(daemon.prefix(), ports, boxes.socket()));
        Files.createDirectories(daemon.prefix().resolve("home"));
        daemon.start();
    }

    /// What makes Exim ask who its clients are.
    private static String eximOptions(int tlsPort) {
        return """
        tls_on_connect_ports = %d
        acl_smtp_mail = needs_auth
        begin ACL
        needs_auth:
          deny !authenticated = *
               message = who are you
          accept
        begin authenticators
        plain:
          driver = plaintext
          public_name = PLAIN
          server_condition = ${if and{{eq{$auth2}{alice}}{eq{$auth3}{secret}}}}
          server_set_id = $auth2
        """
                .formatted(tlsPort);
    }

    private static String configuration(Path prefix, List<Integer> ports, Path socket) {
        return """
        ca "test" cert "%1$s/etc/ca.pem"
        pki "us.test" cert "%1$s/etc/us.crt"
        pki "us.test" key "%1$s/etc/us.key"
        mta limit max-conn-per-host 100
        table secrets { good = "alice:secret", bad = "alice:wrong" }
        table users { alice = "%8$s", bob = "%8$s", full = "%8$s", locked = "%8$s", \\
            unknown = "%8$s" }
        listen on 127.0.0.1 port %2$d
        action "postfix" relay host "smtp+tls://good@localhost:%4$d" auth <secrets> ca "test"
        action "postfix-bad" relay host "smtp+tls://bad@localhost:%4$d" auth <secrets> \\
            ca "test"
        action "postfix-clear" relay host "smtp+tls://good@localhost:%5$d" auth <secrets> \\
            ca "test"
        action "postfix-cert" relay host "smtp+tls://localhost:%4$d" pki "us.test" ca "test"
        action "postfix-nobody" relay host "smtp+tls://localhost:%4$d" ca "test"
        action "exim" relay host "smtps://good@localhost:%6$d" auth <secrets> ca "test"
        action "exim-bad" relay host "smtps://bad@localhost:%6$d" auth <secrets> ca "test"
        action "exim-wrong" relay host "smtp+tls://good@localhost:%7$d" auth <secrets> \\
            ca "test"
        action "exim-anyone" relay host "smtp+tls://good@localhost:%7$d" auth <secrets> \\
            ca "test" tls no-verify
        action "exim-smtps" relay host "smtps://good@localhost:%6$d" auth <secrets> tls no-verify
        action "exim-notls" relay host "smtp+notls://localhost:%7$d" tls no-verify
        action "lmtp" relay host "lmtp://127.0.0.1:%3$d"
        action "box" lmtp "%9$s" rcpt-to userbase <users>
        match from any for domain "postfix.test" action "postfix"
        match from any for domain "postfix-bad.test" action "postfix-bad"
        match from any for domain "postfix-clear.test" action "postfix-clear"
        match from any for domain "postfix-cert.test" action "postfix-cert"
        match from any for domain "postfix-nobody.test" action "postfix-nobody"
        match from any for domain "exim.test" action "exim"
        match from any for domain "exim-bad.test" action "exim-bad"
        match from any for domain "exim-wrong.test" action "exim-wrong"
        match from any for domain "exim-anyone.test" action "exim-anyone"
        match from any for domain "exim-smtps.test" action "exim-smtps"
        match from any for domain "exim-notls.test" action "exim-notls"
        match from any for domain "lmtp.test" action "lmtp"
        match from any for domain "box.test" action "box"
        """
                .formatted(
                        prefix,
                        ports.get(0),
                        ports.get(1),
                        ports.get(2),
                        ports.get(3),
                        ports.get(4),
                        ports.get(5),
                        "65534:65534:" + prefix + "/home",
                        socket);
    }

    private static Daemon daemon() {
        return STARTED.daemon();
    }

    @ParameterizedTest
    @CsvSource({
        "postfix,       Ok,       /verified/verify",
        "postfix-bad,   TempFail, 535",
        "postfix-cert,   Ok,       /verified/verify",
        "postfix-nobody, PermFail, Client host rejected",
        "postfix-clear, TempFail, TLS required but not supported by remote host",
        "exim,          Ok,       /verified/verify",
        "exim-bad,      TempFail, 535",
        "exim-wrong,    TempFail, 'the certificate is for other.test, not for localhost'",
        "exim-anyone,   Ok,       /unverified/encrypt",
        "exim-smtps,    Ok,       /unverified/encrypt",
        "exim-notls,    TempFail, TLS required for relaying",
    })
    void smartHostsKnowUs(String domain, String result, String says) throws IOException {
        String rcpt = "someone@" + domain + ".test";
        Submitter.message(port, rcpt);
        assertDelivery("mta", rcpt, result, says);
    }

    @Test
    void eximKnowsTheUserByName() throws IOException {
        Submitter.message(port, "named@exim.test");
        assertDelivery("mta", "named@exim.test", "Ok", "250");
        if (exim == null) {
            throw new IllegalStateException("not started");
        }
        List<String> arrivals =
                exim.arrivals().stream().filter(it -> it.contains("named@exim.test")).toList();
        assertEquals(1, arrivals.size());
        assertTrue(arrivals.getFirst().contains(" A=plain:alice "), arrivals::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lmtp", "box"})
    void eachRecipientHasItsOwnAnswer(String domain) throws IOException {
        List<String> users = List.of("alice", "full", "locked", "unknown", "bob");
        try (Submitter submitter = new Submitter(port)) {
            submitter.message(users.stream().map(user -> user + "@" + domain + ".test").toList());
        }
        String process = domain.equals("lmtp") ? "mta" : "mda";
        String at = "@" + domain + ".test";
        String first = assertDelivery(process, "alice" + at, "Ok", "");
        assertDelivery(process, "bob" + at, "Ok", "");
        assertDelivery(process, "full" + at, "PermFail", "Quota exceeded");
        assertDelivery(process, "locked" + at, "TempFail", "451 4.");
        assertDelivery(process, "unknown" + at, "PermFail", "User doesn't exist");
        if (dovecot == null) {
            throw new IllegalStateException("not started");
        }
        int evpid = first.indexOf(" evpid=") + " evpid=".length();
        String message = " id " + first.substring(evpid, evpid + 8);
        for (String user : List.of("alice", "bob")) {
            List<String> boxes = dovecot.messages(user);
            assertEquals(1, boxes.stream().filter(text -> text.contains(message)).count(), user);
        }
        for (String user : List.of("full", "locked")) {
            assertEquals(List.of(), dovecot.messages(user), user);
        }
    }

    private static String assertDelivery(String process, String rcpt, String result, String says)
            throws IOException {
        Waiting.until(
                () -> !lines(process, rcpt).isEmpty(),
                () -> rcpt + " has no result:\n" + daemon().lastLines());
        String line = lines(process, rcpt).getFirst();
        assertTrue(line.matches(".* result=\"?" + result + "\"? .*") && line.contains(says), line);
        return line;
    }

    private static List<String> lines(String process, String rcpt) {
        return daemon().log(0).stream()
                .filter(it -> it.contains(process + " delivery") && it.contains("<" + rcpt + ">"))
                .toList();
    }
}
