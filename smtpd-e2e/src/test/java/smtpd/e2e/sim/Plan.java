package smtpd.e2e.sim;

import smtpd.core.conf.Limits;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// What a world is like: drawn from its seed once, before it begins.
///
/// @param trouble how long mail comes in and faults happen; then all is well
/// @param messages how many messages clients send
/// @param faults what goes wrong
/// @param operator whether an operator holds, schedules and removes
/// @param ttl how long an envelope may stay
/// @param limits the limits of scheduler, mda and mta
/// @param segmentSize bytes of a segment of the store
/// @param diskDelay how long the store's writes and syncs take at most
/// @param lie what the world itself does wrong, to see whether the checkers notice
record Plan(
        Duration trouble,
        int messages,
        Faults faults,
        boolean operator,
        Duration ttl,
        Limits limits,
        int segmentSize,
        Duration diskDelay,
        Lie lie) {

    /// How likely things go wrong.
    ///
    /// @param deathsPerMessage chance of a process death at each message between processes
    /// @param machine whether the whole machine dies too
    /// @param disk whether the disk fills, fails, and stops in the middle of an operation
    /// @param clock whether the clock on the wall is stepped
    /// @param refusals percent of recipients that are refused, half of them for now
    record Faults(
            double deathsPerMessage, boolean machine, boolean disk, boolean clock, int refusals) {}

    /// What a world may do wrong on purpose.
    enum Lie {
        /// Nothing.
        NONE,
        /// The disk says it has made durable what it has not.
        DISK,
        /// The store says that a message is durable before it is.
        EARLY,
        /// The store says that an envelope is removed and keeps it.
        REMOVAL
    }

    static Plan of(RandomGenerator random, Lie lie) {
        Duration trouble = Duration.ofMinutes(random.nextInt(2, 60));
        boolean calm = random.nextInt(8) == 0;
        Faults faults =
                new Faults(
                        calm ? 0 : Math.pow(10, -1.5 - 2 * random.nextDouble()),
                        !calm && random.nextInt(3) > 0,
                        !calm && random.nextBoolean(),
                        !calm && random.nextInt(4) == 0,
                        random.nextInt(60));
        return new Plan(
                trouble,
                random.nextInt(1, 40),
                faults,
                random.nextInt(3) == 0,
                Duration.ofMinutes(random.nextInt(20, 180)),
                limits(random),
                random.nextInt(4, 64) * 1024,
                Duration.ofMillis(new int[] {4, 4, 100, 2000}[random.nextInt(4)]),
                lie);
    }

    private static Limits limits(RandomGenerator random) {
        if (random.nextBoolean()) {
            return Limits.DEFAULT;
        }
        Limits.Tasks tasks = new Limits.Tasks(random.nextInt(2, 6), 2, 2);
        Limits.MtaLimits relays =
                new Limits.MtaLimits(
                        Limits.MtaLimits.DEFAULT.family(),
                        Limits.MtaLimits.DEFAULT.maxConn(),
                        Limits.MtaLimits.DEFAULT.connDelay(),
                        Limits.MtaSession.DEFAULT,
                        tasks);
        return new Limits(
                new Limits.Scheduler(
                        random.nextInt(1, 50), random.nextInt(1, 20), 100, random.nextInt(1, 10)),
                new Limits.Mda(random.nextInt(1, 10), random.nextInt(1, 4), tasks),
                new Limits.Mta(relays, Map.of(), 100));
    }

    /// After how long a delay is reported.
    List<Duration> warnings() {
        return List.of(ttl.dividedBy(3));
    }
}
