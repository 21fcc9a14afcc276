package smtpd.e2e.sim.router;

import smtpd.core.proc.Agenda;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;

/// Virtual time: things happen in the order of their times, and of their planning.
final class Clockwork implements Agenda {
    static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nanos;
    private long sequence;
    private long done;

    private record Event(long when, long sequence, Runnable task) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(when, other.when);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    @Override
    public Instant now() {
        return START.plusNanos(nanos);
    }

    @Override
    public void after(Duration delay, Runnable task) {
        events.add(new Event(nanos + Math.max(0, delay.toNanos()), sequence++, task));
    }

    void afterMillis(long millis, Runnable task) {
        after(Duration.ofMillis(millis), task);
    }

    /// Since the start.
    long millis() {
        return nanos / 1_000_000;
    }

    /// Events so far.
    long done() {
        return done;
    }

    /// Lets the next thing happen; false if nothing is planned.
    boolean step() {
        Event event = events.poll();
        if (event == null) {
            return false;
        }
        nanos = event.when();
        done++;
        event.task().run();
        return true;
    }
}
