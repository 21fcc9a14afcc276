package smtpd.e2e.stat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Distribution;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `statistics sqlite` and `statistics http` in the confined process.
class StatisticsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern CONTROL = Pattern.compile("process control pid=(\\d+)");

    private static @Nullable Daemon daemon;
    private static int http;

    @BeforeAll
    static void start() throws Exception {
        Account account = Account.unprivileged();
        assumeTrue(account.usable(), "needs setpriv to be another user than root");
        Daemon made = Daemon.prepare(account);
        daemon = made;
        List<Integer> ports = Daemon.freePorts(2);
        http = ports.getLast();
        Files.createDirectories(made.prefix().resolve("home/alice"));
        made.write(
                "etc/smtpd.conf",
                """
                table users { alice = "%d:%d:%s/home/alice" }
                listen on 127.0.0.1 port %d hostname mx.example.org tag OUTSIDE
                statistics sqlite
                statistics http on 127.0.0.1 port %d
                action "local" maildir userbase <users>
                match from any for domain "example.org" action "local"
                """
                        .formatted(
                                account.uid(),
                                account.gid(),
                                made.prefix(),
                                ports.getFirst(),
                                http));
        made.start();
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private static Daemon daemon() {
        return Objects.requireNonNull(daemon);
    }

    private static String ctl(String... words) throws Exception {
        Distribution.Result result = daemon().program("smtpctl", List.of(words), new byte[0]);
        return result.output();
    }

    private static String awaitLine(String line, String... words) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        String output = ctl(words);
        while (!output.contains(line)) {
            assertTrue(System.nanoTime() < end, "no " + line + " in " + output);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            output = ctl(words);
        }
        return output;
    }

    private static HttpResponse<String> get(String host) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://" + host + ":" + http + "/metrics"))
                            .timeout(PATIENCE)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void totalsOutliveControlAndTheDaemonAndOtherToolsReadThem() throws Exception {
        byte[] message = "Subject: x\n\nhello\n".getBytes(StandardCharsets.US_ASCII);
        daemon().program("sendmail", List.of("alice@example.org"), message);
        awaitLine("delivery.ok.domain:example.org=1\n", "show", "stats");
        awaitLine("delivery.delay.count=1\n", "show", "stats", "--since", "1h");
        killControl();
        awaitLine("scheduler.delivery.ok=1\n", "show", "stats");
        daemon().program("sendmail", List.of("alice@example.org"), message);
        awaitLine("scheduler.delivery.ok=2\n", "show", "stats");
        awaitLine("scheduler.delivery.ok=2\n", "show", "stats", "--since", "1h");
        awaitLine("\"scheduler.delivery.ok\": 2,\n", "show", "stats", "--json");
        awaitLine(", 2 altogether\n", "show", "graph", "scheduler.delivery.ok", "--since", "1d");
        metricsAreAccepted();
        daemon().stop();
        daemon().start();
        awaitLine("scheduler.delivery.ok=2\n", "show", "stats");
        daemon().program("sendmail", List.of("alice@example.org"), message);
        awaitLine("scheduler.delivery.ok=3\n", "show", "stats");
        awaitLine("delivery.ok.virtual-host:example.org=3\n", "show", "stats");
        awaitLine("scheduler.delivery.ok=3\n", "show", "stats", "--since", "1h");
        awaitLine(", 3 altogether\n", "show", "graph", "scheduler.delivery.ok", "--since", "1w");
    }

    private static void killControl() throws Exception {
        Matcher found = CONTROL.matcher(ctl("show", "status"));
        assertTrue(found.find());
        long pid = Long.parseLong(found.group(1));
        ProcessHandle control = ProcessHandle.of(pid).orElseThrow();
        assertTrue(control.destroyForcibly());
        control.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static void metricsAreAccepted() throws Exception {
        HttpResponse<String> metrics = get("127.0.0.1");
        assertEquals(200, metrics.statusCode());
        assertTrue(
                metrics.body()
                        .contains("smtpd_delivery_ok_by_domain_total{domain=\"example.org\"}"),
                metrics.body());
        Path promtool = Path.of("/usr/bin/promtool");
        if (!Files.isExecutable(promtool)) {
            return; // etc/interop installs it
        }
        Distribution.Result checked =
                Distribution.run(
                        List.of(promtool.toString(), "check", "metrics"),
                        java.util.Map.of(),
                        metrics.body().getBytes(StandardCharsets.UTF_8));
        assertEquals(0, checked.status(), checked.output());
    }
}
