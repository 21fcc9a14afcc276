package smtpd.e2e.bulk;

import static java.nio.charset.StandardCharsets.US_ASCII;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Distribution;
import smtpd.e2e.scenario.MemoryUse;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Waiting;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Starts the daemon on a full queue: when it takes mail, when old mail that is due goes out, and
/// what queue and scheduler need in memory; then starts it again.
///
/// Arguments: the back-ends of queue and scheduler (`none`: only fill), messages, recipients of
/// each (1), bytes of each (1024), further lines of configuration. The spool is below
/// `java.io.tmpdir`, and removed. With `-Dfilled=DIR` the store is kept in that directory: filled
/// when it is not there, and moved back at the end.
public final class QueueBench {
    /// Messages that are overdue.
    private static final int OVERDUE = 1000;

    /// How long a start may take.
    private static final Duration PATIENCE = Duration.ofMinutes(30);

    /// How long overdue mail is watched: the scheduler spreads it over ten minutes at most.
    private static final Duration OVERDUE_PATIENCE = Duration.ofSeconds(60);

    private static final Duration SETTLED = Duration.ofSeconds(15);
    private static final long PAUSE_NANOS = 10_000_000;
    private static final String FILLED = System.getProperty("filled", "");
    private static final int KIB = 1024;
    private static final Pattern LOADED =
            Pattern.compile("([0-9]+) envelopes of ([0-9]+) messages loaded");

    private final Backlog backlog;
    private final String scheduler;
    private final String more;

    private QueueBench(Backlog backlog, String scheduler, String more) {
        this.backlog = backlog;
        this.scheduler = scheduler;
        this.more = more;
    }

    public static void main(String[] arguments) throws Exception {
        int messages = Integer.parseInt(arguments[2]);
        int rcpts = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 1;
        int bytes = arguments.length > 4 ? Integer.parseInt(arguments[4]) : KIB;
        String more = arguments.length > 5 ? arguments[5] : "";
        Backlog backlog =
                new Backlog(arguments[0], messages, rcpts, bytes, Math.min(OVERDUE, messages / 10));
        if (arguments[1].equals("none")) {
            Path filled = Path.of(FILLED);
            Files.createDirectories(filled);
            backlog.fill(filled, InstantSource.system().instant());
        } else {
            new QueueBench(backlog, arguments[1], more).run();
        }
        System.exit(0);
    }

    private void run() throws Exception {
        try (FirstOld sink = FirstOld.start();
                Daemon daemon = Daemon.prepare(Account.caller())) {
            int port = Ports.free(1).getFirst();
            configure(daemon, port, sink.port());
            daemon.start();
            when(() -> Newcomer.sent(port));
            pause(SETTLED);
            Map<String, Long> empty = memory();
            report("empty", empty);
            daemon.stop();
            fill(daemon);
            first(daemon, port, sink);
            pause(SETTLED);
            Map<String, Long> full = memory();
            report("loaded", full);
            double envelopes = (double) backlog.messages() * backlog.rcpts();
            full.forEach((name, size) ->
                    System.out.printf(
                            "%s: %.0f bytes an envelope%n",
                            name, (size - empty.getOrDefault(name, 0L)) * KIB / envelopes));
            list(daemon);
            report("listed", memory());
            daemon.stop();
            again(daemon, port, sink);
            daemon.stop();
            if (!FILLED.isEmpty()) {
                move(spool(daemon), Path.of(FILLED));
            }
        }
    }

    private void configure(Daemon daemon, int port, int sink) throws IOException {
        daemon.write(
                "etc/smtpd.conf",
                """
                queue backend %s
                %s
                scheduler limit retry-base-mta %d
                %s
                listen on 127.0.0.1 port %d hostname mx.example.org
                action "%s" relay host smtp://127.0.0.1:%d helo "mx.example.org"
                match from any for any action "far"
                """
                        .formatted(
                                backlog.backend(),
                                scheduler.equals("ram") ? "" : "scheduler backend " + scheduler,
                                Backlog.RETRY_BASE.toSeconds(),
                                more,
                                port,
                                Backlog.ACTION,
                                sink));
    }

    private void fill(Daemon daemon) throws IOException {
        Path spool = spool(daemon);
        Path filled = Path.of(FILLED);
        if (!FILLED.isEmpty() && Files.exists(filled)) {
            move(filled, spool);
        } else {
            long start = System.nanoTime();
            backlog.fill(spool, InstantSource.system().instant());
            System.out.printf(
                    "%s: filled with %d messages, %d envelopes in %.0f s%n",
                    backlog.backend(),
                    backlog.messages(),
                    backlog.messages() * backlog.rcpts(),
                    seconds(start));
        }
        System.out.printf("%d MiB on disk%n", own(spool) >> 20);
    }

    private static Path spool(Daemon daemon) {
        return daemon.prefix().resolve("var/spool/smtpd");
    }

    /// Gives all files to the owner of the spool; returns their size.
    private static long own(Path spool) throws IOException {
        Object uid = Files.getAttribute(spool, "unix:uid");
        Object gid = Files.getAttribute(spool, "unix:gid");
        long size = 0;
        List<Path> all;
        try (Stream<Path> files = Files.walk(spool)) {
            all = files.filter(Files::isRegularFile).toList();
        }
        for (Path file : all) {
            size += Files.size(file);
            Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(file, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
        }
        return size;
    }

    /// Moves what is in a directory into another.
    private static void move(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        List<Path> all;
        try (Stream<Path> files = Files.list(from)) {
            all = files.toList();
        }
        for (Path file : all) {
            Path target = to.resolve(file.getFileName().toString());
            if (Files.isDirectory(file)) {
                move(file, target);
            } else {
                Files.move(file, target, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /// The scheduler knows nothing yet.
    private void first(Daemon daemon, int port, FirstOld sink) throws Exception {
        int from = daemon.logged();
        long start = start(daemon, port, sink);
        // what is overdue waits for the second start
        control(daemon, "pause", "mta").start().waitFor();
        wait("the load", daemon, () -> !loaded(daemon, from).isEmpty());
        System.out.printf("%s %.1f s%n", loaded(daemon, from), seconds(start));
    }

    /// With what the scheduler kept.
    private void again(Daemon daemon, int port, FirstOld sink) throws Exception {
        System.out.printf("again, %d overdue messages left%n", backlog.overdue() - sink.overdue());
        sink.forget();
        long start = start(daemon, port, sink);
        Waiting.within(OVERDUE_PATIENCE, () -> sink.overdue() >= backlog.overdue());
        System.out.printf(
                "%d of %d overdue messages delivered %.1f s, %d others%n",
                sink.overdue(), backlog.overdue(), seconds(start), sink.deferred());
        report("again", memory());
    }

    /// Starts the daemon; returns when it did, as [System#nanoTime].
    private static long start(Daemon daemon, int port, FirstOld sink) throws Exception {
        int fresh = sink.fresh();
        AtomicLong greeted = new AtomicLong();
        AtomicLong accepted = new AtomicLong();
        long start = System.nanoTime();
        Thread client =
                Thread.ofPlatform()
                        .start(() -> {
                            greeted.set(when(() -> Newcomer.greeted(port)));
                            accepted.set(when(() -> Newcomer.sent(port)));
                        });
        daemon.start();
        System.out.printf("ready %.1f s after the start%n", seconds(start));
        client.join();
        System.out.printf(
                "220 %.1f s, 250 of a new message %.1f s%n",
                (greeted.get() - start) / 1e9, (accepted.get() - start) / 1e9);
        wait("the first overdue message", daemon, () -> sink.firstOverdue() != 0);
        System.out.printf(
                "first overdue message delivered %.1f s%n", (sink.firstOverdue() - start) / 1e9);
        wait("the new message", daemon, () -> sink.fresh() > fresh);
        System.out.printf("new message delivered %.1f s%n", seconds(start));
        return start;
    }

    private static void wait(String what, Daemon daemon, Waiting.Condition condition)
            throws IOException {
        if (!Waiting.within(PATIENCE, condition)) {
            System.out.println(daemon.lastLines());
            throw new IOException(what + " does not come");
        }
    }

    private static String loaded(Daemon daemon, int from) {
        for (String line : daemon.log(from)) {
            Matcher matcher = LOADED.matcher(line);
            if (matcher.find()) {
                return matcher.group();
            }
        }
        return "";
    }

    /// Tries again until it works; returns when it did.
    private static long when(BooleanSupplier done) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() - end < 0) {
            if (done.getAsBoolean()) {
                return System.nanoTime();
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw new IllegalStateException("no mail is taken");
    }

    /// Lists the queue as an operator does, counting lines.
    private static void list(Daemon daemon) throws Exception {
        long start = System.nanoTime();
        Process process = control(daemon, "show", "queue").start();
        long lines = 0;
        String last = "";
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), US_ASCII))) {
            String line;
            while ((line = in.readLine()) != null) {
                lines++;
                last = line;
            }
        }
        System.out.printf(
                "smtpctl show queue: %d lines in %.1f s, the last %s%n",
                lines, seconds(start), last);
    }

    private static ProcessBuilder control(Daemon daemon, String... words) {
        List<String> command = Distribution.built().command("smtpctl", List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("SMTPD_PREFIX", daemon.prefix().toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder;
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static void report(String when, Map<String, Long> memory) {
        memory.forEach(
                (name, size) -> System.out.printf("%s: %s %d MiB PSS%n", when, name, size / KIB));
    }

    /// Sizes in KiB of queue and scheduler.
    private static Map<String, Long> memory() {
        Map<String, Long> memory = MemoryUse.now();
        memory.keySet().retainAll(List.of("smtpd-queue", "smtpd-scheduler"));
        return memory;
    }
}
