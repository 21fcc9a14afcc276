package smtpd.e2e.filters;

import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Waiting;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/// Many sessions at once behind filter-dnsbl and an unbound that is far away: how long each takes
/// from its connection to the answer to RCPT.
///
/// Each session has a client address of its own, told by the PROXY protocol, so that no answer is
/// remembered; every tenth is listed. Arguments: sessions (1000), milliseconds to the name server
/// (200). Run as doc/PERFORMANCE.md says.
public final class DnsblBench {
    private static final int LISTED_EVERY = 10;
    private static final int WARM_UP = 20;
    private static final int PATIENCE_MILLIS = 120_000;
    private static final String V6_TEST =
            "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0";

    private DnsblBench() {}

    public static void main(String[] arguments) throws Exception {
        int sessions = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1000;
        Duration delay =
                Duration.ofMillis(arguments.length > 1 ? Integer.parseInt(arguments[1]) : 200);
        Path directory = Files.createTempDirectory("dnsbl-bench");
        int port = Ports.free(1).getFirst();
        Process unbound = unbound(directory, port, sessions);
        try (SlowDns dns = new SlowDns(port, delay)) {
            for (String filter : List.of("", "filter \"dnsbl\"")) {
                measure(sessions, dns, filter);
            }
        } finally {
            unbound.destroy();
        }
        System.exit(0);
    }

    private static Process unbound(Path directory, int port, int sessions) throws IOException {
        StringBuilder conf =
                new StringBuilder(
                        """
                        server:
                          interface: 127.0.0.1@%d
                          do-daemonize: no
                          use-syslog: no
                          chroot: ""
                          username: ""
                          directory: "%s"
                          pidfile: ""
                          so-rcvbuf: 4m
                          local-zone: "." static
                          local-data: "2.0.0.127.bl.test. A 127.0.0.2"
                          local-data: "%s.bl.test. A 127.0.0.2"
                        """
                                .formatted(port, directory, V6_TEST));
        for (int i = 0; i < sessions; i += LISTED_EVERY) {
            byte[] address = address(i);
            String name =
                    "%d.%d.%d.%d"
                            .formatted(
                                    address[3] & 0xff,
                                    address[2] & 0xff,
                                    address[1] & 0xff,
                                    address[0] & 0xff);
            conf.append("  local-data: \"%s.bl.test. A 127.0.0.2\"\n".formatted(name));
            conf.append("  local-data: '%s.bl.test. TXT \"listed\"'\n".formatted(name));
        }
        Path file = Files.writeString(directory.resolve("unbound.conf"), conf);
        return new ProcessBuilder("/usr/sbin/unbound", "-d", "-c", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("unbound.log").toFile())
                .start();
    }

    /// Of 198.18.0.0/15, each in a network of its own.
    private static byte[] address(int index) {
        return new byte[] {(byte) 198, (byte) (18 + (index >> 8)), (byte) index, 7};
    }

    private static void measure(int sessions, SlowDns dns, String filter) throws Exception {
        try (FilterHouse house = FilterHouse.unprivileged()) {
            house.program("dnsbl", "filter-dnsbl bl.test");
            int port = Ports.free(1).getFirst();
            house.line(
                    "listen on 127.0.0.1 port %d hostname mx.example.org proxy-v2 %s"
                            .formatted(port, filter));
            house.start(dns.port());
            warmUp(port);
            int before = dns.asked();
            Run run = new Run(port, sessions);
            run.go();
            run.print(filter.isEmpty() ? "no filter" : "filter-dnsbl", dns.asked() - before);
        }
    }

    private static void warmUp(int port) throws IOException {
        Waiting.until(
                () -> session(port, new byte[] {(byte) 198, 51, 100, 1}).startsWith("250"),
                () -> "no session goes through");
        for (int i = 0; i < WARM_UP; i++) {
            session(port, new byte[] {(byte) 198, 51, 100, (byte) (i + 2)});
        }
    }

    /// The answer to RCPT.
    private static String session(int port, byte[] address) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port),
                    PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.US_ASCII));
            OutputStream out = socket.getOutputStream();
            out.write(Talk.proxyHeader(InetAddress.getByAddress(address)));
            String reply = reply(in);
            for (String line :
                    List.of(
                            "EHLO client.test",
                            "MAIL FROM:<a@client.test>",
                            "RCPT TO:<alice@local.example>")) {
                if (!reply.startsWith("2")) {
                    return reply;
                }
                out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
                reply = reply(in);
            }
            return reply;
        }
    }

    private static String reply(BufferedReader in) throws IOException {
        String line = in.readLine();
        while (line != null && line.length() > 3 && line.charAt(3) == '-') {
            line = in.readLine();
        }
        return line == null ? "closed" : line;
    }

    /// One round.
    private static final class Run {
        private final int port;
        private final long[] nanos;
        private final AtomicIntegerArray codes = new AtomicIntegerArray(600);
        private final AtomicInteger wrong = new AtomicInteger();
        private long allNanos;

        private Run(int port, int sessions) {
            this.port = port;
            this.nanos = new long[sessions];
        }

        private void go() throws InterruptedException {
            CountDownLatch begin = new CountDownLatch(1);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < nanos.length; i++) {
                int index = i;
                threads.add(Thread.ofVirtual().start(() -> one(begin, index)));
            }
            long start = System.nanoTime();
            begin.countDown();
            for (Thread each : threads) {
                each.join();
            }
            allNanos = System.nanoTime() - start;
        }

        private void one(CountDownLatch begin, int index) {
            try {
                begin.await();
                long start = System.nanoTime();
                String reply = session(port, address(index));
                nanos[index] = System.nanoTime() - start;
                if (reply.matches("[245]\\d\\d .*")) {
                    codes.incrementAndGet(Integer.parseInt(reply.substring(0, 3)));
                } else {
                    wrong.incrementAndGet();
                }
            } catch (IOException e) {
                wrong.incrementAndGet();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void print(String name, int questions) {
            Arrays.sort(nanos);
            StringBuilder text = new StringBuilder();
            for (int code = 0; code < codes.length(); code++) {
                if (codes.get(code) > 0) {
                    text.append(" %d: %d".formatted(code, codes.get(code)));
                }
            }
            System.out.printf(
                    "%s: %d sessions in %d ms; ms of one: min %d, p50 %d, p90 %d, p99 %d, max %d;"
                            + " replies%s, none: %d; questions of DNS: %d%n",
                    name,
                    nanos.length,
                    allNanos / 1_000_000,
                    nanos[0] / 1_000_000,
                    at(50),
                    at(90),
                    at(99),
                    nanos[nanos.length - 1] / 1_000_000,
                    text,
                    wrong.get(),
                    questions);
        }

        private long at(int percent) {
            return nanos[Math.min(nanos.length - 1, nanos.length * percent / 100)] / 1_000_000;
        }
    }
}
