package smtpd.e2e.sim.router;

import smtpd.core.conf.Limits;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/// What a backlog for a dead destination does to the mail of others.
///
/// @param mean what a message to a server that behaves took
/// @param worst the longest of these
/// @param probes connects to the dead server
/// @param probesMax as many as its penalties allow
/// @param complaints broken promises
record DeadDestination(
        Duration mean, Duration worst, int probes, int probesMax, List<String> complaints) {
    private static final int OTHERS = 3000;
    private static final Duration LOAD = Duration.ofHours(3);

    /// Messages for a dead server in the first ten minutes, and others all the time.
    static DeadDestination run(int backlog) {
        SplittableRandom random = new SplittableRandom(42);
        RouterWorld world =
                new RouterWorld(
                        plan(List.of(new Plan.Bad(FarHost.Manner.DEAD, true))),
                        random.split(),
                        RouterSimulation.COST);
        SplittableRandom others = random.split();
        for (int i = 0; i < OTHERS; i++) {
            String domain = world.internet.goodDomains.get(others.nextInt(50));
            world.clock.afterMillis(
                    others.nextLong(LOAD.toMillis()), () -> world.submit(List.of("u@" + domain)));
        }
        for (int i = 0; i < backlog; i++) {
            world.clock.afterMillis(
                    i * 600_000L / backlog, () -> world.submit(List.of("u@bad0.example")));
        }
        while (world.clock.millis() < LOAD.plusMinutes(10).toMillis() && world.clock.step()) {
            // time passes
        }
        return judge(world);
    }

    static Plan plan(List<Plan.Bad> bad) {
        return plan(bad, withoutPauses());
    }

    static Plan plan(List<Plan.Bad> bad, Limits.MtaLimits limits) {
        return new Plan(
                5,
                bad,
                50,
                1,
                false,
                0,
                0,
                LOAD,
                LOAD,
                Duration.ofDays(4),
                new Limits(
                        Limits.Scheduler.DEFAULT,
                        Limits.Mda.DEFAULT,
                        new Limits.Mta(limits, Map.of(), 100)),
                Plan.Identity.ROUTE);
    }

    /// The default limits without pauses between connects: whether a message comes a moment before
    /// or after the end of one is chance, and would hide what is looked for.
    static Limits.MtaLimits withoutPauses() {
        Limits.MtaLimits limits = Limits.MtaLimits.DEFAULT;
        Duration none = Duration.ZERO;
        return new Limits.MtaLimits(
                limits.family(),
                limits.maxConn(),
                new Limits.PerNoun<>(none, none, none, none, none, none),
                new Limits.MtaSession(100, none, Duration.ofSeconds(10), 25, none),
                limits.tasks());
    }

    private static DeadDestination judge(RouterWorld world) {
        long sum = 0;
        Duration worst = Duration.ZERO;
        for (Spool.Letter letter : world.spool.letters().values()) {
            if (letter.envelope.dest().domain().startsWith("good")) {
                Duration delay = letter.delay;
                if (delay == null) {
                    world.referee.complain("not delivered: " + letter.envelope);
                    continue;
                }
                sum += delay.toNanos();
                worst = worst.compareTo(delay) < 0 ? delay : worst;
            }
        }
        FarHost dead = Objects.requireNonNull(world.internet.hosts.get("198.51.100.1"));
        return new DeadDestination(
                Duration.ofNanos(sum / OTHERS),
                worst,
                dead.connections,
                allowedProbes(),
                world.referee.complaints());
    }

    /// 15, 60, 135 … seconds, then an hour each.
    private static int allowedProbes() {
        long seconds = LOAD.toSeconds() + 600;
        int probes = 1;
        for (long p = 1; seconds > 0; p++) {
            seconds -= Math.min(15 * p * p, 3600);
            probes++;
        }
        return probes;
    }
}
