package smtpd.mta;

import smtpd.core.proc.Agenda;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;

/// Time that passes when a test says so.
final class FakeAgenda implements Agenda {
    private final PriorityQueue<Later> queue = new PriorityQueue<>();
    private Instant now = Samples.NOW;
    private long sequence;

    private record Later(Instant when, long sequence, Runnable task) implements Comparable<Later> {
        @Override
        public int compareTo(Later other) {
            int byTime = when.compareTo(other.when);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public void after(Duration delay, Runnable task) {
        queue.add(new Later(now.plus(delay), sequence++, task));
    }

    /// Lets time pass, running what comes due.
    void pass(Duration time) {
        Instant end = now.plus(time);
        while (!queue.isEmpty() && !queue.peek().when().isAfter(end)) {
            Later next = queue.remove();
            now = next.when();
            next.task().run();
        }
        now = end;
    }
}
