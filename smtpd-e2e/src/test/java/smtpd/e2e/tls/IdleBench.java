package smtpd.e2e.tls;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.MemoryUse;
import smtpd.e2e.scenario.Ports;
import smtpd.testkit.tls.TestCa;
import smtpd.testkit.tls.TestCa.Kind;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import javax.net.ssl.SSLContext;

/// What clients cost that are connected and say nothing: memory of the processes with and without
/// TLS, and the time of their handshakes.
///
/// Every client greets, with TLS upgrades and greets again, and stays. Argument: clients (10000);
/// both ends need as many descriptors (`ulimit -n`). Run as doc/PERFORMANCE.md says, with `-Xmx2g`.
public final class IdleBench {
    private static final int AT_ONCE = 20;
    private static final int WARM_UP = 300;
    private static final int KIB = 1024;

    private final Daemon daemon;
    private final int port;

    private IdleBench(Daemon daemon, int port) {
        this.daemon = daemon;
        this.port = port;
    }

    public static void main(String[] arguments) throws Exception {
        int clients = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10_000;
        for (boolean tls : List.of(false, true)) {
            try (Daemon daemon = Daemon.prepare(Account.caller())) {
                new IdleBench(daemon, Ports.free(1).getFirst()).measure(clients, tls);
            }
        }
        System.exit(0);
    }

    private void measure(int clients, boolean tls) throws Exception {
        configure();
        daemon.start();
        close(open(WARM_UP, tls));
        Memory before = Memory.now();
        long start = System.nanoTime();
        List<Talk> open = open(clients, tls);
        double seconds = (System.nanoTime() - start) / 1e9;
        Memory after = Memory.now();
        System.out.printf(
                "%s: %d of %d clients in %.1f s; smtp %.1f KiB a client, all processes %.1f;"
                        + " smtp %d MiB, all %d%n",
                tls ? "TLS" : "clear",
                open.size(),
                clients,
                seconds,
                (after.smtp - before.smtp) / (double) clients,
                (after.all - before.all) / (double) clients,
                after.smtp / KIB,
                after.all / KIB);
        long answered = 0;
        for (Talk talk : open) {
            answered += talk.ask("NOOP").startsWith("250") ? 1 : 0;
        }
        System.out.printf("%d of them still answered%n", answered);
        close(open);
    }

    private void configure() throws IOException {
        Instant now = InstantSource.system().instant();
        Path etc = daemon.prefix().resolve("etc");
        Files.createDirectories(etc);
        TestCa.create(now).issue(Kind.RSA, now, "mx.example.org").writeTo(etc, "mx");
        daemon.write(
                "etc/smtpd.conf",
                """
                pki "mx.example.org" cert "%1$s/etc/mx.crt"
                pki "mx.example.org" key "%1$s/etc/mx.key"
                smtp limit idle-timeout 3000
                listen on 127.0.0.1 port %2$d tls pki "mx.example.org" hostname mx.example.org
                action "local" maildir
                match for local action "local"
                """
                        .formatted(daemon.prefix(), port));
    }

    private List<Talk> open(int clients, boolean tls) throws Exception {
        List<Future<Talk>> opening = new ArrayList<>();
        SSLContext context = Talk.context();
        try (ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
            for (int i = 0; i < clients; i++) {
                opening.add(workers.submit(() -> one(context, tls)));
            }
        }
        List<Talk> open = new ArrayList<>();
        for (Future<Talk> each : opening) {
            try {
                open.add(each.get());
            } catch (ExecutionException e) {
                System.out.println("refused: " + e.getCause());
            }
        }
        return open;
    }

    private Talk one(SSLContext context, boolean tls) throws Exception {
        if (tls) {
            return Talk.startTls(context, port);
        }
        Talk talk = Talk.connect(port);
        talk.reply();
        talk.ask("EHLO client.example.net");
        return talk;
    }

    private static void close(List<Talk> open) throws IOException {
        for (Talk talk : open) {
            talk.close();
        }
    }

    /// Sizes in KiB.
    private record Memory(long smtp, long all) {
        static Memory now() {
            Map<String, Long> sizes = MemoryUse.now();
            long all = sizes.values().stream().mapToLong(Long::longValue).sum();
            return new Memory(sizes.getOrDefault("smtpd-smtp", 0L), all);
        }
    }
}
