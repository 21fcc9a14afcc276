package smtpd.e2e.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.conf.Limits;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// A thousand messages to fifty domains with one mail exchanger, found in DNS; and one message to a
/// thousand recipients.
class SharedRouteTest {
    private static final String ADDRESS = "127.0.0.13";
    private static final int DOMAINS = 50;
    private static final int MESSAGES = 1000;
    private static final int MESSAGES_OF_A_SESSION = 100;

    @Test
    void domainsWithOneExchangerShareItsConnections() throws IOException, InterruptedException {
        Account account = Account.unprivileged();
        assumeTrue(account.usable(), "needs setpriv to be another user than root");
        assumeTrue(mayServe(), "needs port 25 of " + ADDRESS);
        try (FarEnd exchanger = FarEnd.start(ADDRESS, 25);
                TestDns dns = TestDns.start(zone());
                Daemon daemon = Daemon.prepare(account)) {
            int port = start(daemon, dns);
            for (int sent = 0; sent < MESSAGES; sent += MESSAGES_OF_A_SESSION) {
                send(port, sent);
            }
            Waiting.until(
                    () -> exchanger.contents().size() == MESSAGES,
                    () -> exchanger.contents().size() + " arrived\n" + daemon.lastLines());
            long connections = count(exchanger, "EHLO");
            assertEquals(MESSAGES, count(exchanger, "DATA"));
            int full = MESSAGES / Limits.MtaSession.DEFAULT.mailMax();
            int slots = Limits.MtaLimits.DEFAULT.maxConn().route();
            System.out.printf(
                    "%d messages to %d domains: %d connections, %d transactions%n",
                    MESSAGES, DOMAINS, connections, count(exchanger, "DATA"));
            assertTrue(connections <= full + 2L * slots, connections + " connections");
            aThousandRecipients(port, exchanger, daemon);
        }
    }

    private static void aThousandRecipients(int port, FarEnd exchanger, Daemon daemon)
            throws IOException {
        List<String> rcpts = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            rcpts.add("u" + i + "@d" + i % DOMAINS + ".example");
        }
        try (Submitter client = new Submitter(port)) {
            client.message(rcpts);
        }
        Waiting.until(
                () -> exchanger.contents().size() == MESSAGES + 1,
                () -> exchanger.contents().size() + " arrived\n" + daemon.lastLines());
        assertEquals(MESSAGES + 1, count(exchanger, "DATA"));
        assertEquals(MESSAGES + 1000, count(exchanger, "RCPT"));
    }

    private static long count(FarEnd end, String verb) {
        return end.transcript().stream()
                .filter(line -> line.matches("[0-9]+ " + verb + "( .*)?"))
                .count();
    }

    private static boolean mayServe() {
        try (FarEnd trial = FarEnd.start(ADDRESS, 25)) {
            return trial.port() == 25;
        } catch (IOException _) {
            return false;
        }
    }

    private static String zone() {
        StringBuilder zone = new StringBuilder("mx.example A " + ADDRESS + "\n");
        for (int i = 0; i < DOMAINS; i++) {
            zone.append("d" + i + ".example MX 10 mx.example\n");
        }
        return zone.toString();
    }

    private static int start(Daemon daemon, TestDns dns) throws IOException {
        int port = Daemon.freePorts(1).getFirst();
        daemon.write(
                "etc/smtpd.conf",
                """
                listen on 127.0.0.1 port %d hostname mx.example.org
                action "out" relay helo "mx.example.org"
                match from any for any action "out"
                """
                        .formatted(port));
        daemon.write("etc/resolv.conf", "nameserver 127.0.0.1:" + dns.port() + "\n");
        daemon.start();
        return port;
    }

    private static void send(int port, int first) throws IOException {
        try (Submitter client = new Submitter(port)) {
            for (int i = first; i < first + MESSAGES_OF_A_SESSION; i++) {
                client.message(List.of("u@d" + i % DOMAINS + ".example"));
            }
        }
    }
}
