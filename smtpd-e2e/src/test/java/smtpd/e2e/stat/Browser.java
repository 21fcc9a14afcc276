package smtpd.e2e.stat;

import static java.nio.charset.StandardCharsets.UTF_8;

import smtpd.e2e.scenario.Waiting;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A tab of Chromium without a screen, driven over its DevTools protocol.
///
/// What comes back is picked out of the answers by patterns: an expression's value travels in
/// base64, so that no JSON has to be understood.
final class Browser implements AutoCloseable {
    private static final List<Path> PROGRAMS =
            List.of(Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"));

    private static final Pattern READY = Pattern.compile("ws://(127\\.0\\.0\\.1:\\d+)/");
    private static final Pattern TARGET =
            Pattern.compile("\"webSocketDebuggerUrl\"\\s*:\\s*\"([^\"]+)\"");
    private static final Pattern ID = Pattern.compile("^\\{\"id\":(\\d+),");
    private static final Pattern VALUE = Pattern.compile("\"value\":\"([A-Za-z0-9+/=]*)\"");
    private static final Pattern DATA = Pattern.compile("\"data\":\"([A-Za-z0-9+/=]*)\"");

    private static final List<String> FLAGS =
            List.of(
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--remote-debugging-port=0");

    private final Process process;
    private final Path profile;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<Integer, CompletableFuture<String>> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final WebSocket socket;

    private Browser(Process process, Path profile, String place)
            throws IOException, InterruptedException {
        this.process = process;
        this.profile = profile;
        HttpRequest open =
                HttpRequest.newBuilder(URI.create("http://" + place + "/json/new?about:blank"))
                        .PUT(HttpRequest.BodyPublishers.noBody())
                        .timeout(Waiting.PATIENCE)
                        .build();
        String target = http.send(open, HttpResponse.BodyHandlers.ofString()).body();
        Matcher found = TARGET.matcher(target);
        if (!found.find()) {
            throw new IOException("no tab: " + target);
        }
        socket =
                http.newWebSocketBuilder().buildAsync(URI.create(found.group(1)), new Ear()).join();
        for (String domain : List.of("Page", "Runtime", "Log")) {
            command(domain + ".enable", "");
        }
    }

    /// Whether there is one on this machine.
    static boolean isInstalled() {
        return PROGRAMS.stream().anyMatch(Files::isExecutable);
    }

    static Browser start() throws IOException, InterruptedException {
        Path profile = Files.createTempDirectory("smtpd-browser");
        List<String> words = new ArrayList<>();
        words.add(
                PROGRAMS.stream().filter(Files::isExecutable).findFirst().orElseThrow().toString());
        words.addAll(FLAGS);
        words.add("--user-data-dir=" + profile);
        words.add("about:blank");
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return new Browser(process, profile, place(process));
    }

    /// Where it says that it listens; what it says later is let go.
    private static String place(Process process) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        StringBuilder said = new StringBuilder();
        String line;
        while ((line = lines.readLine()) != null) {
            said.append(line).append('\n');
            Matcher found = READY.matcher(line);
            if (found.find()) {
                Thread.ofVirtual().start(() -> drain(lines));
                return found.group(1);
            }
        }
        throw new IOException("the browser does not start:\n" + said);
    }

    private static void drain(BufferedReader lines) {
        try {
            while (lines.readLine() != null) {
                // of no interest
            }
        } catch (IOException _) {
            return; // it has ended
        }
    }

    /// What the tab says.
    private final class Ear implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                heard(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }
    }

    private void heard(String message) {
        Matcher answer = ID.matcher(message);
        if (answer.find()) {
            CompletableFuture<String> asked = waiting.remove(Integer.parseInt(answer.group(1)));
            if (asked != null) {
                asked.complete(message);
            }
            return;
        }
        boolean network = message.contains("\"source\":\"network\"");
        boolean complains =
                message.startsWith("{\"method\":\"Log.entryAdded\"")
                        || message.startsWith("{\"method\":\"Runtime.consoleAPICalled\"")
                        || message.startsWith("{\"method\":\"Runtime.exceptionThrown\"");
        if (complains && !network) {
            complaints.add(message);
        }
    }

    /// Errors and warnings of the page, breaches of its policy among them; not of the network.
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    private String command(String method, String parameters)
            throws IOException, InterruptedException {
        int id = ids.incrementAndGet();
        CompletableFuture<String> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        String text =
                "{\"id\":%d,\"method\":\"%s\",\"params\":{%s}}".formatted(id, method, parameters);
        socket.sendText(text, true).join();
        try {
            String said = answer.get(Waiting.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (said.contains("\"error\":{")) {
                throw new IOException(method + ": " + said);
            }
            return said;
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(method + " is not answered", e);
        }
    }

    /// Goes to a page.
    void go(String address) throws IOException, InterruptedException {
        command("Page.navigate", "\"url\":\"" + address + "\"");
    }

    /// What an expression comes to, as text.
    ///
    /// @param expression without double quotes
    String value(String expression) throws IOException {
        try {
            String said =
                    command(
                            "Runtime.evaluate",
                            "\"expression\":\"btoa(unescape(encodeURIComponent(String("
                                    + expression
                                    + "))))\",\"returnByValue\":true");
            Matcher found = VALUE.matcher(said);
            if (!found.find()) {
                throw new IOException(expression + ": " + said);
            }
            return new String(Base64.getDecoder().decode(found.group(1)), UTF_8);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /// Waits until an expression comes to true.
    void await(String expression) throws IOException {
        Waiting.until(
                () -> value("!!(" + expression + ")").equals("true"),
                () -> "never: " + expression + "\n" + body());
    }

    private String body() {
        try {
            return value("document.body.innerText");
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /// Makes the window so large.
    void size(int width, int height, boolean phone) throws IOException, InterruptedException {
        command(
                "Emulation.setDeviceMetricsOverride",
                "\"width\":%d,\"height\":%d,\"deviceScaleFactor\":%d,\"mobile\":%s"
                        .formatted(width, height, phone ? 2 : 1, phone));
    }

    /// The user likes it `light` or `dark`.
    void scheme(String scheme) throws IOException, InterruptedException {
        command(
                "Emulation.setEmulatedMedia",
                "\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"" + scheme + "\"}]");
    }

    /// Keeps a picture of the whole page.
    void picture(Path file) throws IOException, InterruptedException {
        String said =
                command(
                        "Page.captureScreenshot",
                        "\"format\":\"png\",\"captureBeyondViewport\":true");
        Matcher found = DATA.matcher(said);
        if (!found.find()) {
            throw new IOException("no picture");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.write(file, Base64.getDecoder().decode(found.group(1)));
    }

    @Override
    public void close() throws IOException {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        socket.abort();
        http.shutdownNow();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        all.forEach(ProcessHandle::destroyForcibly);
        try (Stream<Path> tree = Files.walk(profile)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (java.io.UncheckedIOException | java.nio.file.DirectoryNotEmptyException _) {
            return; // the last of its processes were still writing
        }
    }
}
