package smtpd.control;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.KeptPolicy;
import smtpd.core.smtp.Domains;
import smtpd.core.smtp.Printable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// The MTA-STS policies that the mta has us keep, a file each under the name of the domain: on the
/// first line until when and in which version, then the policy itself. Read and written by a thread
/// of its own: a slow disk delays nobody.
final class PolicyFiles {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyFiles.class);

    /// Longest text of a policy (RFC 8461 §3.3 suggests 64 kB).
    static final int TEXT_MAX = 64 * 1024;

    /// Policies given back, and characters of all of them together: they go into one frame.
    static final int POLICIES_MAX = 10_000;

    static final int ALL_MAX = 2 * 1024 * 1024;

    /// Writes that may wait: those of a burst; what is lost is fetched again.
    private static final int WAITING_MAX = 1_000;

    private final Path directory;
    private final ExecutorService thread =
            new ThreadPoolExecutor(
                    1,
                    1,
                    0,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(WAITING_MAX),
                    Thread.ofPlatform().name("policies").daemon(true).factory());

    /// @param state the process's own directory
    PolicyFiles(Path state) {
        directory = state.resolve("mta-sts");
    }

    /// Keeps a policy, soon. A name that is no domain is not kept.
    void keep(KeptPolicy policy) {
        String name = policy.domain().toLowerCase(Locale.ROOT);
        if (Domains.isDomain(name, false) && policy.text().length() <= TEXT_MAX) {
            run(() -> write(name, policy));
        }
    }

    /// Hands over those that hold at `now`.
    void load(Instant now, Consumer<List<KeptPolicy>> then) {
        if (!run(() -> then.accept(read(now)))) {
            then.accept(List.of());
        }
    }

    private boolean run(Runnable task) {
        try {
            thread.execute(task);
            return true;
        } catch (RejectedExecutionException _) {
            return false;
        }
    }

    private void write(String name, KeptPolicy policy) {
        Path fresh = directory.resolve(".new");
        try {
            Files.createDirectories(directory);
            String head = policy.until().getEpochSecond() + " " + policy.id().replace('\n', ' ');
            Files.writeString(fresh, head + "\n" + policy.text());
            Files.move(fresh, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("warn: control: cannot keep a policy: {}", e.toString());
        }
    }

    private List<KeptPolicy> read(Instant now) {
        List<KeptPolicy> policies = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return policies;
        }
        int all = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                KeptPolicy policy = read(file, now);
                if (policy == null || policies.size() >= POLICIES_MAX) {
                    continue;
                }
                all += policy.text().length() + policy.domain().length();
                if (all > ALL_MAX) {
                    break;
                }
                policies.add(policy);
            }
        } catch (IOException e) {
            LOG.warn("warn: control: {}: {}", directory, e.toString());
        }
        return policies;
    }

    /// A policy of a file; null if it has ended, which ends the file too, or is none.
    private static @org.jspecify.annotations.Nullable KeptPolicy read(Path file, Instant now) {
        String name = String.valueOf(file.getFileName());
        try {
            if (!Domains.isDomain(name, false) || Files.size(file) > 2 * TEXT_MAX) {
                return null;
            }
            String text = Files.readString(file);
            int end = text.indexOf('\n');
            int space = text.indexOf(' ');
            Instant until = Instant.ofEpochSecond(Long.parseLong(text.substring(0, space)));
            if (!now.isBefore(until)) {
                Files.delete(file);
                return null;
            }
            String id = text.substring(space + 1, end);
            return new KeptPolicy(name, id, until, text.substring(end + 1));
        } catch (IOException
                | NumberFormatException
                | DateTimeException
                | IndexOutOfBoundsException e) {
            LOG.warn("warn: control: {}: {}", Printable.line(name), e.toString());
            return null;
        }
    }
}
