package smtpd.testkit.sim;

import smtpd.core.proc.Agenda;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/// A process with one agent: its steady clock, its mailbox, and its deaths. What a life has planned
/// ends with it.
public final class SimProcess implements Agenda, Executor {
    private final SimWorld world;
    private final String name;
    private final List<Runnable> atDeath = new ArrayList<>();
    private boolean alive;
    private int life;
    private Instant wallAtStart = SimWorld.START;
    private long nanosAtStart;

    /// A process that does not run yet.
    public SimProcess(SimWorld world, String name) {
        this.world = world;
        this.name = name;
    }

    /// Its name, for the trace.
    public String name() {
        return name;
    }

    /// Whether it runs.
    public boolean isAlive() {
        return alive;
    }

    /// Whether it runs and is still in the life of this number.
    public boolean isAlive(int inLife) {
        return alive && life == inLife;
    }

    /// The number of its present or last life.
    public int life() {
        return life;
    }

    /// Begins a life; the clock on the wall is read once, now.
    public void start() {
        if (alive) {
            throw new IllegalStateException(name + " runs already");
        }
        world.trace(() -> name + " starts");
        alive = true;
        life++;
        wallAtStart = world.wall();
        nanosAtStart = world.nanos();
    }

    /// Dies at once.
    public void kill() {
        if (alive) {
            world.trace(() -> name + " dies");
            alive = false;
            atDeath.forEach(Runnable::run);
        }
    }

    /// Runs `task` at each death.
    void onDeath(Runnable task) {
        atDeath.add(task);
    }

    @Override
    public Instant now() {
        return wallAtStart.plusNanos(world.nanos() - nanosAtStart);
    }

    @Override
    public void after(Duration delay, Runnable task) {
        int planner = life;
        world.after(
                delay,
                () -> {
                    if (isAlive(planner)) {
                        task.run();
                    }
                });
    }

    @Override
    public void execute(Runnable task) {
        after(Duration.ZERO, task);
    }
}
