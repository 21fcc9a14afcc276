package smtpd.filter.testkit;

import smtpd.filter.DnsType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/// The DNS of a [FakeDaemon]. A name nothing is known of does not exist. For a filter that asks as
/// soon as it starts, answers can be put in before [FakeDaemon#run(smtpd.filter.Filter, FakeDns)].
public final class FakeDns {
    private final Map<String, Reply> replies = new HashMap<>();
    private final Map<String, List<Runnable>> held = new HashMap<>();
    private final Set<String> holding = new HashSet<>();
    private final List<String> asked = new ArrayList<>();
    private Duration delay = Duration.ZERO;

    /// What is answered.
    ///
    /// @param status the last word: `ok`, `nxdomain`, `tempfail`
    /// @param records as they are written in the protocol
    record Reply(String status, List<String> records) {}

    /// A DNS without any name.
    public FakeDns() {}

    /// What is answered from now on; without records, that there are none.
    ///
    /// @param records as they stand in the protocol: texts with their backslashes
    public synchronized FakeDns answer(DnsType type, String name, String... records) {
        replies.put(key(type.name(), name), new Reply("ok", List.of(records)));
        return this;
    }

    /// There is no such name from now on.
    public synchronized FakeDns forget(DnsType type, String name) {
        replies.remove(key(type.name(), name));
        return this;
    }

    /// DNS cannot say.
    public synchronized FakeDns fail(DnsType type, String name) {
        replies.put(key(type.name(), name), new Reply("tempfail", List.of()));
        return this;
    }

    /// Answers come this much later. For figures; a test should rather [#hold(DnsType, String)].
    public synchronized FakeDns delay(Duration delay) {
        this.delay = delay;
        return this;
    }

    /// Answers to this question wait until they are released.
    public synchronized FakeDns hold(DnsType type, String name) {
        holding.add(key(type.name(), name));
        return this;
    }

    /// Gives the answers that were held, and holds no more.
    public void release(DnsType type, String name) {
        List<Runnable> ready;
        synchronized (this) {
            holding.remove(key(type.name(), name));
            ready = held.remove(key(type.name(), name));
        }
        if (ready != null) {
            ready.forEach(Runnable::run);
        }
    }

    /// What has been asked, in order: `A name`.
    public synchronized List<String> asked() {
        return List.copyOf(asked);
    }

    /// Waits until something has been asked that often.
    public synchronized void awaitAsked(DnsType type, String name, int times)
            throws InterruptedException {
        long end = System.nanoTime() + FakeDaemon.PATIENCE.toNanos();
        while (asked.stream().filter(key(type.name(), name)::equals).count() < times) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new IllegalStateException("not asked: " + type + " " + name);
            }
            wait(left);
        }
    }

    private static String key(String type, String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return type + " " + (lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower);
    }

    /// Takes a query; the answer is given when it is there.
    void ask(String type, String name, java.util.function.Consumer<Reply> answer) {
        String key = key(type, name);
        synchronized (this) {
            asked.add(key);
            notifyAll();
            if (holding.contains(key)) {
                held.computeIfAbsent(key, _ -> new ArrayList<>())
                        .add(() -> answer.accept(reply(key)));
                return;
            }
        }
        if (delay.isZero()) {
            answer.accept(reply(key));
        } else {
            Executor later =
                    CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS);
            later.execute(() -> answer.accept(reply(key)));
        }
    }

    private synchronized Reply reply(String key) {
        return replies.getOrDefault(key, new Reply("nxdomain", List.of()));
    }
}
