package smtpd.testkit.sim;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// Time and chance of a simulation: events ordered by time and, at the same time, by when they were
/// planned.
public final class SimWorld {
    /// The true time at the beginning of every world.
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static final long FNV_PRIME = 0x100000001b3L;

    private record Event(long time, long sequence, Runnable task) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(time, other.time);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    private final long seed;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final @Nullable Consumer<String> log;
    private Duration wallError = Duration.ZERO;
    private long now;
    private long planned;
    private long done;
    private long hash = 0xcbf29ce484222325L;

    /// A quiet world.
    public SimWorld(long seed) {
        this(seed, null);
    }

    /// @param seed everything that is left to chance follows from it
    /// @param log takes one line for each thing that is traced; null for none
    public SimWorld(long seed, @Nullable Consumer<String> log) {
        this.seed = seed;
        this.log = log;
    }

    /// A source of chance of its own for each name, so that one component's draws do not change
    /// another's.
    public RandomGenerator random(String name) {
        long mixed = seed;
        for (int i = 0; i < name.length(); i++) {
            mixed = (mixed ^ name.charAt(i)) * FNV_PRIME;
            mixed ^= mixed >>> 32;
        }
        return new SplittableRandom(mixed);
    }

    /// Nanoseconds since the beginning.
    public long nanos() {
        return now;
    }

    /// The true time, which no process knows.
    public Instant time() {
        return START.plusNanos(now);
    }

    /// What the machine's clock on the wall says.
    public Instant wall() {
        return time().plus(wallError);
    }

    /// Steps the clock on the wall; processes that run do not notice.
    public void stepWall(Duration step) {
        wallError = wallError.plus(step);
    }

    /// Plans something.
    public void after(Duration delay, Runnable task) {
        at(now + Math.max(0, delay.toNanos()), task);
    }

    /// Plans something for a time in nanoseconds since the beginning, not before now.
    public void at(long nanos, Runnable task) {
        events.add(new Event(Math.max(now, nanos), planned++, task));
    }

    /// Lets the next event happen; false if there is none.
    public boolean step() {
        Event event = events.poll();
        if (event == null) {
            return false;
        }
        now = event.time;
        done++;
        event.task.run();
        return true;
    }

    /// How many events have happened.
    public long events() {
        return done;
    }

    /// Makes something part of the trace.
    public void trace(Supplier<String> line) {
        mix(now);
        if (log != null) {
            log.accept(time() + " " + line.get());
        }
    }

    /// Makes bytes part of the trace.
    void traceBytes(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            hash = (hash ^ bytes[i]) * FNV_PRIME;
        }
    }

    private void mix(long value) {
        hash = (hash ^ value) * FNV_PRIME;
        hash ^= hash >>> 29;
    }

    /// Stands for everything that was traced: equal for equal runs.
    public long hash() {
        return hash;
    }
}
