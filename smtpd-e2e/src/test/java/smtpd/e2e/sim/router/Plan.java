package smtpd.e2e.sim.router;

import smtpd.core.conf.Family;
import smtpd.core.conf.Limits;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// What a world is like, drawn from its seed before it begins.
///
/// @param hosts servers that behave
/// @param bad how each of the servers behaves that do not, until [#mended]
/// @param domains domains whose exchangers are among the servers that behave
/// @param badDomains domains with at least one that does not
/// @param fallback whether some of these also have servers that behave
/// @param sources local addresses; 0 for any
/// @param messages how many come in, within [#load]
/// @param load how long mail comes in
/// @param mended when the bad servers behave, but those that are dead for ever
/// @param ttl how long an envelope is tried
/// @param limits of scheduler and mta
/// @param identity how domains lead to hosts
record Plan(
        int hosts,
        List<Bad> bad,
        int domains,
        int badDomains,
        boolean fallback,
        int sources,
        int messages,
        Duration load,
        Duration mended,
        Duration ttl,
        Limits limits,
        Identity identity) {

    /// A server that does not behave.
    ///
    /// @param forEver whether it never will
    record Bad(FarHost.Manner manner, boolean forEver) {}

    /// How domains with one server lead to it.
    enum Identity {
        /// To its address: they have one route.
        ROUTE,
        /// Each to an address of its own, all of the same server: no two domains share a route, as
        /// if a connection belonged to a domain (OpenSMTPD: mta.c, relays in MX mode).
        DOMAIN
    }

    static Plan of(RandomGenerator random) {
        return new Plan(
                random.nextInt(1, 10),
                bad(random),
                random.nextInt(1, 25),
                random.nextInt(1, 10),
                true,
                random.nextInt(3),
                random.nextInt(20, 300),
                Duration.ofMinutes(random.nextInt(1, 120)),
                Duration.ofMinutes(random.nextInt(1, 240)),
                Duration.ofMinutes(random.nextInt(90, 600)),
                limits(random),
                Identity.ROUTE);
    }

    private static List<Bad> bad(RandomGenerator random) {
        List<FarHost.Manner> manners = List.of(FarHost.Manner.values());
        List<Bad> bad = new ArrayList<>();
        for (int i = random.nextInt(1, 8); i > 0; i--) {
            bad.add(
                    new Bad(
                            manners.get(random.nextInt(1, manners.size())),
                            random.nextInt(4) == 0));
        }
        return bad;
    }

    private static Limits limits(RandomGenerator random) {
        Limits.PerNoun<Integer> conns =
                new Limits.PerNoun<>(
                        random.nextInt(1, 12),
                        random.nextInt(1, 8),
                        random.nextInt(100, 150),
                        random.nextInt(1, 25),
                        random.nextInt(1, 30),
                        random.nextInt(1, 30));
        Limits.PerNoun<Duration> delays =
                new Limits.PerNoun<>(
                        seconds(random, 2),
                        seconds(random, 6),
                        seconds(random, 1),
                        seconds(random, 2),
                        seconds(random, 3),
                        seconds(random, 2));
        Limits.MtaSession session =
                new Limits.MtaSession(
                        random.nextInt(1, 100),
                        seconds(random, 2),
                        seconds(random, 15),
                        random.nextInt(1, 30),
                        seconds(random, 4));
        Limits.Tasks tasks = new Limits.Tasks(random.nextInt(2, 60), 2, random.nextInt(1, 20));
        Limits.MtaLimits mta = new Limits.MtaLimits(Family.ANY, conns, delays, session, tasks);
        boolean plain = random.nextInt(3) == 0;
        return new Limits(
                new Limits.Scheduler(random.nextInt(1000, 5000), 256, 1024, random.nextInt(1, 20)),
                Limits.Mda.DEFAULT,
                new Limits.Mta(plain ? Limits.MtaLimits.DEFAULT : mta, Map.of(), 100));
    }

    /// Mostly none, else up to `most`.
    private static Duration seconds(RandomGenerator random, int most) {
        return Duration.ofSeconds(random.nextBoolean() ? 0 : random.nextInt(most + 1));
    }
}
