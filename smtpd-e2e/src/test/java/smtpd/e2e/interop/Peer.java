package smtpd.e2e.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Assumptions;

import smtpd.e2e.scenario.Ending;
import smtpd.e2e.scenario.Waiting;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/// A server of somebody else's, running in the foreground for a test.
final class Peer implements AutoCloseable {
    private static final List<String> FOLDERS =
            List.of(
                    "/usr/bin",
                    "/usr/sbin",
                    "/bin",
                    "/sbin",
                    "/usr/libexec/opensmtpd",
                    "/opt/smtpd-interop/exim4-daemon-light/usr/sbin");

    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int CONNECT_MILLIS = 1_000;
    private static final int LINES_SHOWN = 40;
    private static final int GRACE_SECONDS = 10;

    private final Process process;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final List<String> output = new CopyOnWriteArrayList<>();

    private Peer(Process process) {
        this.process = process;
        Thread.ofVirtual().start(this::read);
    }

    /// Where a program is installed; the test skips when it is not.
    static Path program(String name) {
        Optional<Path> found =
                FOLDERS.stream()
                        .map(folder -> Path.of(folder, name))
                        .filter(Files::isExecutable)
                        .findFirst();
        Assumptions.assumeTrue(
                found.isPresent(), name + " is missing: etc/interop installs it as root");
        return found.orElseThrow();
    }

    /// The test skips unless root runs it.
    static void needsRoot() throws IOException {
        Assumptions.assumeTrue(
                Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
                "only root can do this");
    }

    /// Starts a server and waits until it listens on a TCP port of 127.0.0.1.
    static Peer start(List<String> command, Path directory, int port) throws IOException {
        return start(command, directory, new InetSocketAddress(LOOPBACK, port));
    }

    /// Starts a server and waits until it listens on a TCP port.
    static Peer start(List<String> command, Path directory, InetSocketAddress place)
            throws IOException {
        Peer peer = start(command, directory);
        Waiting.until(
                () -> listens(place) || !peer.process.isAlive(),
                () -> command + " does not listen:\n" + peer.lastLines());
        if (!peer.process.isAlive()) {
            throw new AssertionError(command + " has ended:\n" + peer.lastLines());
        }
        return peer;
    }

    /// Starts a program.
    static Peer start(List<String> command, Path directory) throws IOException {
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        Peer peer = new Peer(process);
        Runtime.getRuntime().addShutdownHook(new Thread(peer::close));
        return peer;
    }

    private static boolean listens(InetSocketAddress place) {
        try (Socket socket = new Socket()) {
            socket.connect(place, CONNECT_MILLIS);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            lines.lines().forEach(output::add);
        } catch (IOException | java.io.UncheckedIOException e) {
            output.add("(" + e.getMessage() + ")");
        }
    }

    /// Runs a program to its end and returns what it wrote.
    ///
    /// @throws IOException if it fails, with what it wrote
    static String output(Path directory, String... words) throws IOException, InterruptedException {
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

    /// Gives a path to a user of this machine; the test skips when there is no such user.
    static void give(Path path, String user) throws IOException {
        Optional<String> line =
                Files.readAllLines(Path.of("/etc/passwd")).stream()
                        .filter(it -> it.startsWith(user + ":"))
                        .findFirst();
        Assumptions.assumeTrue(
                line.isPresent(), "no user " + user + ": etc/interop makes it as root");
        Files.setAttribute(path, "unix:uid", Integer.valueOf(line.orElseThrow().split(":", -1)[2]));
    }

    /// What it has written to standard output and standard error.
    List<String> output() {
        return List.copyOf(output);
    }

    private String lastLines() {
        List<String> all = output();
        return String.join("\n", all.subList(Math.max(0, all.size() - LINES_SHOWN), all.size()));
    }

    /// Ends it with everything it started, and waits until all of that is gone.
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        try (Stream<ProcessHandle> descendants = process.descendants()) {
            List<ProcessHandle> children = descendants.toList();
            process.destroy();
            if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            children.forEach(ProcessHandle::destroyForcibly);
            Ending.await(children, () -> process.info() + " leaves processes behind");
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
