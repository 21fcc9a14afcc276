package smtpd.e2e.interop;

import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// rspamd and the redis it remembers in, with Debian's configuration and settings of the test
/// beside it: subjects with `grey` and `junk` weigh what their name says, and nothing of the
/// network is looked at.
final class RspamdPeer implements AutoCloseable {
    private static final List<String> SILENT =
            List.of(
                    "rbl",
                    "asn",
                    "spf",
                    "dkim",
                    "dmarc",
                    "arc",
                    "mx_check",
                    "phishing",
                    "hfilter",
                    "once_received",
                    "fuzzy_check",
                    "surbl",
                    "dkim_signing",
                    "neural",
                    "bayes_expiry");

    private static final String RULES =
            """
            config['regexp']['TEST_GREY'] = { re = 'Subject=/grey/H', score = 5.0, group = 'test' }
            config['regexp']['TEST_JUNK'] = { re = 'Subject=/junk/H', score = 9.0, group = 'test' }
            """;

    private static final int LINES_SHOWN = 20;

    private final Path directory;
    private final Peer redis;
    private final Peer rspamd;
    private final int port;

    private RspamdPeer(Path directory, Peer redis, Peer rspamd, int port) {
        this.directory = directory;
        this.redis = redis;
        this.rspamd = rspamd;
        this.port = port;
    }

    /// Starts both; the test skips when one is not installed.
    static RspamdPeer start(Path directory) throws IOException {
        String redisServer = Peer.program("redis-server").toString();
        String program = Peer.program("rspamd").toString();
        int redisPort = Ports.free(1).getFirst();
        Path redisHome = Files.createDirectories(directory.resolve("redis"));
        Peer redis =
                Peer.start(
                        List.of(
                                redisServer,
                                "--port",
                                Integer.toString(redisPort),
                                "--bind",
                                "127.0.0.1",
                                "--save",
                                "",
                                "--dir",
                                redisHome.toString()),
                        redisHome,
                        redisPort);
        int port = Ports.free(1).getFirst();
        Path home = home(directory.resolve("rspamd"), settings(directory, redisPort, port));
        Peer rspamd =
                Peer.start(
                        List.of(
                                program,
                                "-f",
                                "-i",
                                "-c",
                                "/etc/rspamd/rspamd.conf",
                                "--var=LOCAL_CONFDIR=" + home,
                                "--var=DBDIR=" + home,
                                "--var=RUNDIR=" + home,
                                "--var=LOGDIR=" + home),
                        home);
        RspamdPeer peer = new RspamdPeer(directory, redis, rspamd, port);
        Waiting.until(peer::answers, () -> "no answer of " + peer);
        return peer;
    }

    private static Map<String, String> settings(Path directory, int redisPort, int port) {
        Map<String, String> settings = new TreeMap<>();
        SILENT.forEach(module -> settings.put("local.d/" + module + ".conf", "enabled = false;\n"));
        settings.put(
                "local.d/options.inc",
                """
                filters = "regexp";
                url_tld = "%s/rspamd/tld";
                dns { nameserver = ["127.0.0.1:1"]; timeout = 100ms; retransmits = 0; }
                """
                        .formatted(directory));
        settings.put("tld", "example\norg\n");
        settings.put("local.d/logging.inc", "type = \"console\";\nlevel = \"info\";\n");
        settings.put("local.d/redis.conf", "servers = \"127.0.0.1:%d\";\n".formatted(redisPort));
        settings.put(
                "local.d/greylist.conf",
                """
                check_local = true;
                timeout = 1s;
                whitelisted_ip = [];
                whitelist_symbols = ["TEST_JUNK"];
                """);
        settings.put("rspamd.local.lua", RULES);
        settings.put(
                "local.d/worker-normal.inc",
                "enabled = true;\nbind_socket = \"127.0.0.1:%d\";\ncount = 1;\n".formatted(port));
        for (String worker : List.of("controller", "proxy", "fuzzy")) {
            settings.put(
                    "local.d/worker-" + worker + ".inc",
                    "enabled = false;\nbind_socket = \"127.0.0.1:1\";\n");
        }
        return settings;
    }

    /// rspamd may give up root for a user of its own, who has to get in.
    private static Path home(Path home, Map<String, String> files) throws IOException {
        Files.createDirectories(home.resolve("local.d"));
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(home.resolve(file.getKey()), file.getValue());
        }
        for (Path each : List.of(home, home.resolve("local.d"))) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        return home;
    }

    private boolean answers() {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest ping =
                    HttpRequest.newBuilder(URI.create(url() + "/ping"))
                            .timeout(Duration.ofSeconds(TimeUnit.MINUTES.toSeconds(1)))
                            .build();
            return client.send(ping, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Where the filter finds it.
    String url() {
        return "http://127.0.0.1:" + port;
    }

    @Override
    public void close() {
        rspamd.close();
        redis.close();
    }

    @Override
    public String toString() {
        List<String> output = rspamd.output();
        int from = Math.max(0, output.size() - LINES_SHOWN);
        return "rspamd in %s:\n%s"
                .formatted(directory, String.join("\n", output.subList(from, output.size())));
    }
}
