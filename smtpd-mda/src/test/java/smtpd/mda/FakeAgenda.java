package smtpd.mda;

import smtpd.core.proc.Agenda;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;

/// A clock that stands still until it is told, and tasks that run when they are told.
final class FakeAgenda implements Agenda {
    Instant now = Samples.NOW;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public void after(Duration delay, Runnable task) {
        tasks.add(task);
    }

    void runAll() {
        Runnable task;
        while ((task = tasks.poll()) != null) {
            task.run();
        }
    }
}
