package smtpd.e2e.sim;

import org.jspecify.annotations.Nullable;

import smtpd.e2e.sim.router.RouterSimulation;

import java.util.List;
import java.util.function.Consumer;

/// Runs worlds: `Simulation SEED` replays one and prints its trace, `Simulation --seeds N [FIRST]`
/// runs many, `Simulation router N [FIRST]` many of the router's.
final class Simulation {
    private Simulation() {}

    /// How a world ended.
    ///
    /// @param seed its seed
    /// @param hash stands for its trace
    /// @param events how many events it had
    /// @param violations the promises it broke
    record Result(long seed, long hash, long events, List<String> violations) {
        /// One line that tells how to see it again.
        String complaint() {
            return "etc/simulate " + seed + "  # " + violations.getFirst();
        }
    }

    static Result run(long seed, Plan.Lie lie, @Nullable Consumer<String> log) {
        MailWorld world = new MailWorld(seed, lie, log);
        world.run();
        return new Result(seed, world.world.hash(), world.world.events(), world.ledger.violations);
    }

    /// The command line.
    public static void main(String[] args) {
        if (args[0].equals("router")) {
            long first = args.length > 2 ? Long.parseLong(args[2]) : 1;
            System.exit(RouterSimulation.main(Long.parseLong(args[1]), first) ? 0 : 1);
        }
        boolean good =
                args[0].equals("--seeds")
                        ? many(
                                Long.parseLong(args[1]),
                                args.length > 2 ? Long.parseLong(args[2]) : 1)
                        : one(Long.parseLong(args[0]));
        System.exit(good ? 0 : 1);
    }

    private static boolean one(long seed) {
        Result result = run(seed, Plan.Lie.NONE, System.out::println);
        result.violations().forEach(text -> System.out.println("VIOLATION " + text));
        System.out.printf(
                "seed %d: %d events, trace %016x, %d violations%n",
                seed, result.events(), result.hash(), result.violations().size());
        return result.violations().isEmpty();
    }

    private static boolean many(long seeds, long first) {
        long start = System.nanoTime();
        long events = 0;
        long bad = 0;
        for (long seed = first; seed < first + seeds; seed++) {
            Result result = run(seed, Plan.Lie.NONE, null);
            events += result.events();
            if (!result.violations().isEmpty()) {
                bad++;
                System.out.println(result.complaint());
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "%d seeds, %d bad, %d events in %.1f s: %.0f events/s%n",
                seeds, bad, events, seconds, events / seconds);
        return bad == 0;
    }
}
