package smtpd.control.stat;

import smtpd.core.proc.Fatal;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// Hands each reading to every backend, on one thread. When a backend is slow, readings are left
/// out: the next holds what they held, and whoever measures never waits.
public final class Backends {
    private final BlockingQueue<Reading> waiting = new ArrayBlockingQueue<>(1);
    private final List<Backend> backends;

    public Backends(List<Backend> backends) {
        this.backends = List.copyOf(backends);
    }

    /// Begins to hand out.
    public void start() {
        Thread.ofPlatform().name("statistics").daemon(true).start(Fatal.guarded(this::handOut));
    }

    private void handOut() {
        while (true) {
            try {
                Reading reading = waiting.take();
                backends.forEach(backend -> backend.take(reading));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /// Hands a reading out soon; false if the one before is still waiting, and this one is left
    /// out.
    public boolean offer(Reading reading) {
        return waiting.offer(reading);
    }
}
