package smtpd.e2e.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

import smtpd.control.client.CalledHere;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The daemon under a prefix of its own, which is removed at the end, with everything that still
/// runs.
public final class Daemon implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("info: smtpd .* ready");
    private static final int LOG_LINES_SHOWN = 60;

    private static final Path SYSTEM_LOG = Path.of("/dev/log");

    private final Account account;
    private final Distribution distribution;
    private final Path prefix;
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final ReentrantLock reading = new ReentrantLock();
    private @Nullable Process process;
    private List<ProcessHandle> family = List.of();
    private @Nullable Thread reader;

    private Daemon(Account account, Distribution distribution, Path prefix) {
        this.account = account;
        this.distribution = distribution;
        this.prefix = prefix;
    }

    /// Makes a prefix; nothing runs yet.
    ///
    /// @param account who will run the daemon
    public static Daemon prepare(Account account) throws IOException, InterruptedException {
        Path prefix = Files.createTempDirectory("smtpd-e2e").toRealPath();
        Files.setPosixFilePermissions(prefix, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(prefix.resolve("etc"));
        return new Daemon(account, reachable(prefix, account), prefix);
    }

    /// The distribution, or a copy of it below the prefix when the account cannot read the
    /// original.
    private static Distribution reachable(Path prefix, Account account)
            throws IOException, InterruptedException {
        Distribution built = Distribution.built();
        String jar = built.directory().resolve("lib/smtpd.jar").toString();
        if (run(account.weakest().command(List.of("test", "-r", jar))) == 0) {
            return built;
        }
        Path copy = prefix.resolve("dist");
        if (run(List.of("cp", "-a", built.directory().toString(), copy.toString())) != 0) {
            throw new IOException(account + " cannot read " + jar);
        }
        return new Distribution(copy);
    }

    private static int run(List<String> words) throws IOException, InterruptedException {
        return Distribution.run(words, Map.of(), new byte[0]).status();
    }

    public Path prefix() {
        return prefix;
    }

    /// Who runs it.
    Account account() {
        return account;
    }

    /// Writes a file below the prefix.
    public void write(String path, String content) throws IOException {
        Path file = prefix.resolve(path);
        Path parent = file.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(file, content);
    }

    /// Gives a path below the prefix, made as a directory when it is missing, an owner and a mode.
    void own(String path, int uid, int gid, int mode) throws IOException {
        Path target = prefix.resolve(path);
        if (!Files.exists(target)) {
            Files.createDirectories(target);
        }
        Files.setAttribute(target, "unix:uid", uid);
        Files.setAttribute(target, "unix:gid", gid);
        Files.setAttribute(target, "unix:mode", mode);
    }

    /// Makes the home of a user who is the daemon's own account; returns what a `userbase` says of
    /// it.
    public String home(String user) throws IOException {
        Path home = Files.createDirectories(prefix.resolve("home").resolve(user));
        return account.uid() + ":" + account.gid() + ":" + home;
    }

    /// Starts the daemon and waits until it is ready.
    public void start() throws IOException {
        int from = log.size();
        start("-dv", () -> matches(from, READY));
    }

    /// Starts the daemon with a system log that is dead, and waits until it is ready: what the log
    /// does not take is in [#spilled]. Where there is a system log it is left alone: the daemon is
    /// started as with [#start()].
    public void startWithDeadLog() throws IOException {
        if (Files.exists(SYSTEM_LOG)) {
            start();
        } else {
            start("-Fv", () -> spilled().stream().anyMatch(line -> READY.matcher(line).find()));
        }
    }

    /// The lines of the log that are kept in a file because the system log is dead.
    public List<String> spilled() {
        try {
            return Files.exists(spill()) ? Files.readAllLines(spill()) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where those lines are.
    public Path spill() {
        return prefix.resolve("var/spool/smtpd.log");
    }

    /// From now on nobody reads the log, until it is given back.
    public Unread unread() {
        reading.lock();
        return reading::unlock;
    }

    /// A log that nobody reads.
    @FunctionalInterface
    public interface Unread extends AutoCloseable {
        @Override
        void close();
    }

    private void start(String how, BooleanSupplier ready) throws IOException {
        if (!account.isRoot()) {
            account.own(prefix);
        }
        List<String> arguments = List.of(how, "--prefix", prefix.toString());
        ProcessBuilder builder =
                new ProcessBuilder(account.command(distribution.command("smtpd", arguments)))
                        .redirectErrorStream(true)
                        .directory(prefix.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("HOME", prefix.toString());
        Process started = builder.start();
        process = started;
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroy));
        reader = Thread.ofVirtual().start(() -> read(started));
        Waiting.until(
                () -> ready.getAsBoolean() || !started.isAlive(),
                () -> "the daemon does not get ready:\n" + lastLines());
        if (!ready.getAsBoolean()) {
            throw new AssertionError("the daemon does not start:\n" + lastLines());
        }
    }

    private void read(Process from) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(from.getInputStream(), UTF_8))) {
            String line;
            while ((line = lines.readLine()) != null) {
                reading.lock();
                try {
                    log.add(line);
                } finally {
                    reading.unlock();
                }
            }
        } catch (IOException e) {
            log.add("(" + e.getMessage() + ")");
        }
    }

    private boolean matches(int from, Pattern pattern) {
        return log(from).stream().anyMatch(line -> pattern.matcher(line).find());
    }

    /// How many lines were logged so far.
    public int logged() {
        return log.size();
    }

    /// The lines of the log from one on.
    public List<String> log(int from) {
        List<String> all = List.copyOf(log);
        return all.subList(Math.min(from, all.size()), all.size());
    }

    /// The end of the log, for messages.
    public String lastLines() {
        List<String> kept = spilled();
        List<String> lines =
                kept.isEmpty()
                        ? log(Math.max(0, log.size() - LOG_LINES_SHOWN))
                        : kept.subList(Math.max(0, kept.size() - LOG_LINES_SHOWN), kept.size());
        return String.join("\n", lines);
    }

    /// Sends a signal to the daemon's first process.
    void signal(String name) throws IOException, InterruptedException {
        family = running().descendants().toList();
        List<String> words = List.of("kill", "-" + name, Long.toString(running().pid()));
        if (run(words) != 0) {
            throw new AssertionError("cannot signal the daemon:\n" + lastLines());
        }
    }

    private Process running() {
        Process running = process;
        if (running == null) {
            throw new AssertionError("the daemon is not running");
        }
        return running;
    }

    /// Whether its first process is there.
    boolean isRunning() {
        Process running = process;
        return running != null && running.isAlive();
    }

    /// Waits until the daemon has ended with all its processes; returns its exit status.
    int awaitEnd() throws IOException, InterruptedException {
        Process ending = running();
        Thread last = reader;
        if (last == null
                || !ending.waitFor(Waiting.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                || !last.join(Waiting.PATIENCE)) {
            throw new AssertionError("the daemon does not end:\n" + lastLines());
        }
        // a process that is dying lets go of its log before it lets go of its port
        Ending.await(family, () -> "processes do not end:\n" + lastLines());
        process = null;
        return ending.exitValue();
    }

    /// Ends the daemon as a service manager does.
    public void stop() throws IOException, InterruptedException {
        signal("TERM");
        awaitEnd();
    }

    /// Runs one of the programs as the daemon's user.
    public Distribution.Result program(String name, List<String> arguments, byte[] input)
            throws IOException, InterruptedException {
        List<String> words = account.command(distribution.command(name, arguments));
        Map<String, String> environment =
                Map.of("SMTPD_PREFIX", prefix.toString(), "HOME", prefix.toString());
        return Distribution.run(words, environment, input);
    }

    /// What `smtpctl` says, called within this process.
    public String ask(String... words) {
        return CalledHere.smtpctl(prefix, List.of(words)).output();
    }

    /// As [#ask(String...)], where a complaint is none of the answers.
    public String mustSay(String... words) {
        Distribution.Result result = CalledHere.smtpctl(prefix, List.of(words));
        if (result.status() != 0) {
            throw new AssertionError(List.of(words) + ": " + result + "\n" + lastLines());
        }
        return result.output();
    }

    @Override
    public void close() throws IOException {
        Process last = process;
        if (last != null) {
            end(last);
        }
        try (Stream<Path> tree = Files.walk(prefix)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                    Files.delete(path);
                }
            }
        }
    }

    private static void end(Process last) {
        List<ProcessHandle> children = last.descendants().toList();
        last.destroy();
        try {
            if (last.waitFor(Waiting.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
        last.destroyForcibly();
    }
}
