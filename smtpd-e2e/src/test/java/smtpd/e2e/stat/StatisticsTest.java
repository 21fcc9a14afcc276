package smtpd.e2e.stat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Distribution;
import smtpd.e2e.scenario.Ending;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Started;
import smtpd.e2e.scenario.Waiting;

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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `statistics sqlite` and `statistics http` in the confined process.
class StatisticsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern CONTROL = Pattern.compile("process control pid=(\\d+)");

    @AutoClose private static final Started STARTED = new Started();

    private static int http;

    @BeforeAll
    static void start() throws Exception {
        Daemon made = STARTED.prepare(Account.unprivileged());
        List<Integer> ports = Ports.free(2);
        http = ports.getLast();
        made.write(
                "etc/smtpd.conf",
                """
                table users { alice = "%s" }
                listen on 127.0.0.1 port %d hostname mx.example.org tag OUTSIDE
                statistics sqlite
                statistics http on 127.0.0.1 port %d
                action "local" maildir userbase <users>
                match from any for domain "example.org" action "local"
                """
                        .formatted(made.home("alice"), ports.getFirst(), http));
        made.start();
    }

    private static Daemon daemon() {
        return STARTED.daemon();
    }

    private static void awaitLine(String line, String... words) throws IOException {
        Waiting.until(
                () -> daemon().ask(words).contains(line),
                () -> "no " + line + " in " + daemon().ask(words));
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
        Matcher found = CONTROL.matcher(daemon().ask("show", "status"));
        assertTrue(found.find());
        long pid = Long.parseLong(found.group(1));
        ProcessHandle control = ProcessHandle.of(pid).orElseThrow();
        assertTrue(control.destroyForcibly());
        Ending.await(List.of(control), () -> "control cannot be killed");
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
