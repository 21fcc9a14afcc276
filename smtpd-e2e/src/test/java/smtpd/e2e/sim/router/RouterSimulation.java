package smtpd.e2e.sim.router;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Runs worlds of bad and good servers and judges them.
public final class RouterSimulation {
    /// What a message to servers that behave takes at most, whatever happens to others: the pauses
    /// of `mta limit` and the messages before it. It holds while no more than a tenth of
    /// `max-conn-per-source` relays are stuck ([smtpd.mta.Router]), and `max-inflight` leaves each
    /// of them its largest message.
    static final Duration STARVATION_MAX = Duration.ofMinutes(3);

    /// What an envelope costs the queue each time it passes: about what the disk store was measured
    /// to take.
    static final Duration COST = Duration.ofNanos(20_000);

    private RouterSimulation() {}

    /// How a world ended.
    ///
    /// @param seed its seed
    /// @param events how many things happened
    /// @param longest what the slowest message to servers that behave took
    /// @param complaints the promises it broke
    record Result(long seed, long events, Duration longest, List<String> complaints) {
        /// One line that tells how to see it again.
        String complaint() {
            return "etc/simulate router 1 " + seed + "  # " + complaints.getFirst();
        }
    }

    static Result run(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Plan plan = Plan.of(random.split());
        RouterWorld world = RouterWorld.withQueue(plan, random);
        int expected = load(world, random.split());
        Duration patience = plan.load().plus(plan.ttl()).plusHours(3);
        world.run(expected, patience);
        if (world.spool.inflightMax() > plan.limits().scheduler().maxInflight()) {
            world.referee.complain("max-inflight: " + world.spool.inflightMax());
        }
        Duration longest = Duration.ZERO;
        for (Spool.Letter letter : world.spool.letters().values()) {
            Duration delay = letter.delay;
            boolean good = letter.envelope.dest().domain().startsWith("good");
            if (good && delay != null && delay.compareTo(longest) > 0) {
                longest = delay;
            }
            if (good && letter.expired) {
                world.referee.complain("expired though its servers behave: " + letter.envelope);
            }
        }
        if (longest.compareTo(STARVATION_MAX) > 0) {
            world.referee.complain("a message to servers that behave took " + longest);
        }
        return new Result(seed, world.clock.done(), longest, world.referee.complaints());
    }

    /// Plans the messages of a world.
    ///
    /// @return how many envelopes they have
    private static int load(RouterWorld world, SplittableRandom random) {
        Plan plan = world.plan;
        int envelopes = 0;
        for (int i = 0; i < plan.messages(); i++) {
            int count = random.nextInt(4) == 0 ? random.nextInt(1, 40) : 1;
            boolean bad = random.nextInt(3) > 0;
            List<String> domains = bad ? world.internet.badDomains : world.internet.goodDomains;
            List<String> rcpts = new ArrayList<>();
            for (int r = 0; r < count; r++) {
                rcpts.add("u" + r + "@" + domains.get(random.nextInt(domains.size())));
            }
            long when = random.nextLong(plan.load().toMillis());
            world.clock.afterMillis(when, () -> world.submit(rcpts));
            envelopes += count;
        }
        return envelopes;
    }

    /// `router SEEDS [FIRST]`: runs so many worlds.
    ///
    /// @return whether every promise was kept
    public static boolean main(long seeds, long first) {
        long start = System.nanoTime();
        long bad = 0;
        long events = 0;
        Duration longest = Duration.ZERO;
        for (long seed = first; seed < first + seeds; seed++) {
            Result result = run(seed);
            events += result.events();
            longest = longest.compareTo(result.longest()) < 0 ? result.longest() : longest;
            if (!result.complaints().isEmpty()) {
                bad++;
                System.out.println(result.complaint());
            }
        }
        System.out.printf(
                "%d seeds, %d bad, %d events in %.1f s; slowest message to good servers %d s%n",
                seeds, bad, events, (System.nanoTime() - start) / 1e9, longest.toSeconds());
        return bad == 0;
    }
}
