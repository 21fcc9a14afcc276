package smtpd.core.sys;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The throw-away thread that drops itself, starts one program and ends.
///
/// A dropped thread must do nothing that outlives it: whatever thread it started, or pool it woke,
/// would keep its rights for good. So everything it needs is laid out before it starts; it makes
/// prepared native calls and stores their results; the thread that waits for it is a platform
/// thread in `join`; and once per process the same code has run undropped, so that no class is
/// loaded here later.
final class SpawnThread extends Thread {
    private static final int STACK_BYTES = 256 * 1024;

    private final DropPlan plan;
    private final PreparedSpawn prepared;
    private final MemorySegment state;
    private int stepsDone;
    private long result;
    private @Nullable Throwable failure;

    SpawnThread(Arena arena, DropPlan plan, PreparedSpawn prepared) {
        super(null, null, "spawn", STACK_BYTES, false);
        this.plan = plan;
        this.prepared = prepared;
        this.state = arena.allocate(Native.STATE);
    }

    /// Loads and links all that `run` needs, by starting a program that does not exist.
    private static final class WarmUp {
        static final boolean DONE = warm();

        private static boolean warm() {
            try (Arena arena = Arena.ofShared()) {
                var nothing = new Spawn.Request("/", List.of("/"), List.of(), List.of());
                try (PreparedSpawn prepared = PreparedSpawn.of(arena, nothing)) {
                    SpawnThread thread = new SpawnThread(arena, DropPlan.none(arena), prepared);
                    thread.start();
                    thread.joinFully();
                    return thread.result < 0;
                }
            } catch (SysException e) {
                return false;
            }
        }
    }

    /// Runs the thread to its end.
    ///
    /// @return the process id
    /// @throws SysException naming the step or the program that failed
    int runAndJoin() throws SysException {
        if (Thread.currentThread().isVirtual() || !WarmUp.DONE) {
            throw new IllegalStateException("programs are started by platform threads");
        }
        start();
        joinFully();
        if (failure != null) {
            throw Native.unexpected(failure);
        }
        if (stepsDone < plan.size()) {
            throw new SysException(plan.name(stepsDone), (int) -result);
        }
        return (int) Native.check("posix_spawn " + prepared.path(), result);
    }

    @Override
    public void run() {
        try {
            while (stepsDone < plan.size()) {
                result = plan.take(stepsDone, state);
                if (result < 0) {
                    return;
                }
                stepsDone++;
            }
            result = prepared.start();
        } catch (Throwable t) {
            failure = t;
        }
    }

    private void joinFully() {
        boolean interrupted = false;
        while (true) {
            try {
                join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
