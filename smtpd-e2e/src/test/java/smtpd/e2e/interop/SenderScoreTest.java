package smtpd.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.e2e.filters.FilterHouse;
import smtpd.e2e.filters.Talk;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Distribution;
import smtpd.e2e.scenario.TestDns;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Debian's filter-senderscore, which has a resolver of its own: it and the daemon see another
/// resolv.conf, in a mount namespace, and ask an unbound that knows three scores.
class SenderScoreTest {
    /// No other server of this machine is there.
    private static final String NAME_SERVER = "127.53.25.7";

    @TempDir Path dir;

    /// Nobody, with a resolv.conf of the test.
    private static Account seeing(Path resolvConf) {
        Account nobody = Account.nobody();
        List<String> prefix =
                new ArrayList<>(
                        List.of(
                                "unshare",
                                "-m",
                                "sh",
                                "-c",
                                "mount --bind %s /etc/resolv.conf && exec \"$@\""
                                        .formatted(resolvConf),
                                "sh"));
        prefix.addAll(nobody.prefix());
        return new Account(nobody.uid(), nobody.gid(), prefix);
    }

    private Peer unbound() throws IOException {
        Path program = Peer.program("unbound");
        Path conf =
                Files.writeString(
                        dir.resolve("unbound.conf"),
                        """
                        server:
                          interface: %s@53
                          do-daemonize: no
                          use-syslog: no
                          chroot: ""
                          username: ""
                          directory: "%s"
                          pidfile: ""
                          local-zone: "." static
                          local-data: "1.100.51.198.score.senderscore.com. A 127.0.4.20"
                          local-data: "2.100.51.198.score.senderscore.com. A 127.0.4.70"
                          local-data: "3.100.51.198.score.senderscore.com. A 127.0.4.99"
                        """
                                .formatted(NAME_SERVER, dir));
        return Peer.start(List.of(program.toString(), "-d", "-c", conf.toString()), dir);
    }

    @Test
    void senderscoreRefusesAndMarks() throws Exception {
        Peer.needsRoot();
        Path program = Peer.program("filter-senderscore");
        Path resolvConf =
                Files.writeString(dir.resolve("resolv.conf"), "nameserver " + NAME_SERVER + "\n");
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        Account account = seeing(resolvConf);
        List<String> probe = new ArrayList<>(account.prefix());
        probe.add("true");
        Assumptions.assumeTrue(
                Distribution.run(probe, Map.of(), new byte[0]).status() == 0,
                "no mount namespaces here");
        try (Peer dns = unbound();
                TestDns own = TestDns.start("");
                FilterHouse house = FilterHouse.of(account)) {
            house.program("score", program + " -blockBelow 50 -junkBelow 80 -scoreHeader");
            int port = house.listenBehindProxy("score");
            house.start(own.port());
            Waiting.until(
                    () -> greeting(port, 1).startsWith("550 "),
                    () -> dns.output() + house.daemon().lastLines());
            String junk = mail(house, port, 2);
            assertTrue(junk.contains("\nX-SenderScore: 70"), junk);
            assertTrue(junk.toLowerCase(java.util.Locale.ROOT).contains("\nx-spam: yes"), junk);
            String good = mail(house, port, 3);
            assertTrue(good.contains("\nX-SenderScore: 99"), good);
            assertFalse(good.toLowerCase(java.util.Locale.ROOT).contains("\nx-spam:"), good);
        }
    }

    private static byte[] from(int client) {
        return Talk.proxyHeader(InetAddress.ofLiteral("198.51.100." + client));
    }

    private static String greeting(int port, int client) throws IOException {
        try (Talk talk = new Talk(port, from(client))) {
            return talk.greeting();
        }
    }

    private static String mail(FilterHouse house, int port, int client) throws IOException {
        try (Talk talk = new Talk(port, from(client))) {
            talk.say("EHLO client.example");
            String reply =
                    talk.send("a@sender.example", "alice@local.example", "Subject: x\n\nx\n");
            assertEquals("250 2.0.0 ", reply.substring(0, 10), house.daemon()::lastLines);
        }
        return house.awaitMail();
    }
}
