package smtpd.e2e.sim.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Limits;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/// The worlds of every build; `etc/simulate router N` runs more of them.
class RouterSimulationTest {
    private static final long SEEDS = 100;

    @Test
    @DisplayName("F-56 F-59 F-90: limits are kept, everything ends, nobody starves, in any world")
    void everyPromiseIsKeptInEveryWorld() {
        List<String> complaints = new ArrayList<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            RouterSimulation.Result result = RouterSimulation.run(seed);
            if (!result.complaints().isEmpty()) {
                complaints.add(result.complaint());
            }
        }
        assertEquals(List.of(), complaints);
    }

    @Test
    void theSameSeedGivesTheSameWorld() {
        for (long seed = 1; seed <= 10; seed++) {
            assertEquals(RouterSimulation.run(seed), RouterSimulation.run(seed));
        }
    }

    @Test
    @DisplayName("F-90: 100,000 messages for a dead destination delay others by less than 1 %")
    void aDeadDestinationDelaysNobody() {
        DeadDestination without = DeadDestination.run(0);
        DeadDestination with = DeadDestination.run(100_000);
        assertEquals(List.of(), with.complaints());
        double ratio = (double) with.mean().toNanos() / without.mean().toNanos();
        assertTrue(ratio < 1.01, without + " became " + with);
        assertTrue(with.probes() <= with.probesMax(), with.toString());
    }

    @Test
    void fiftyDomainsOfOneServerShareItsConnections() {
        SharedServer byRoute = SharedServer.run(Plan.Identity.ROUTE, Limits.MtaLimits.DEFAULT);
        SharedServer byDomain = SharedServer.run(Plan.Identity.DOMAIN, Limits.MtaLimits.DEFAULT);
        assertEquals(List.of(), byRoute.complaints());
        assertTrue(byRoute.open() <= 5, byRoute.toString());
        assertEquals(SharedServer.MESSAGES, byRoute.transactions());
        assertTrue(byDomain.connections() >= SharedServer.DOMAINS, byDomain.toString());
        assertTrue(byRoute.connections() * 2 < byDomain.connections(), byRoute + " " + byDomain);
        assertTrue(Duration.ofMinutes(10).compareTo(byRoute.took()) > 0);
    }

    /// A small message goes out while one to 50,000 recipients of the same domain does.
    private static Duration besideLarge(Limits.MtaLimits limits, long afterMillis) {
        Plan plan = DeadDestination.plan(List.of(new Plan.Bad(FarHost.Manner.DEAD, true)), limits);
        RouterWorld world = new RouterWorld(plan, new SplittableRandom(1), RouterSimulation.COST);
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            many.add("u" + i + "@good0.example");
        }
        world.clock.afterMillis(0, () -> world.submit(many));
        world.clock.afterMillis(afterMillis, () -> world.submit(List.of("small@good0.example")));
        while (world.clock.millis() < afterMillis + 60_000 && world.clock.step()) {
            // time passes
        }
        assertEquals(List.of(), world.referee.complaints());
        Spool.Letter small =
                world.spool.letters().values().stream()
                        .filter(it -> it.envelope.dest().user().equals("small"))
                        .findFirst()
                        .orElseThrow();
        return Objects.requireNonNull(small.delay);
    }

    @Test
    @DisplayName("F-91: beside a large message on its own route a small one is on its way at once")
    void aSmallMessageBesideALargeOneOfItsRoute() {
        for (long after = 10_000; after < 100_000; after += 35_007) {
            Duration took = besideLarge(DeadDestination.withoutPauses(), after);
            assertTrue(took.compareTo(Duration.ofSeconds(1)) < 0, after + " ms: took " + took);
        }
    }

    @Test
    @DisplayName("F-91: the pause between two connects of a route is all that may keep it waiting")
    void aSmallMessageWaitsForNoMoreThanThePauseOfItsRoute() {
        Limits.MtaLimits limits = Limits.MtaLimits.DEFAULT;
        Duration most = limits.connDelay().route().plusSeconds(1);
        for (long after = 1_000; after < 100_000; after += 35_007) {
            Duration took = besideLarge(limits, after);
            assertTrue(took.compareTo(most) < 0, after + " ms: took " + took);
        }
    }

    @Test
    @DisplayName("F-91: where one session is allowed it waits for one transaction of the large one")
    void aSmallMessageWaitsForOneTransactionAtMost() {
        Limits.MtaLimits limits = DeadDestination.withoutPauses();
        Limits.PerNoun<Integer> one = new Limits.PerNoun<>(10, 1, 100, 20, 100, 100);
        Duration most = Duration.ofSeconds(20);
        for (long after = 10_000; after < 100_000; after += 35_007) {
            Duration took =
                    besideLarge(
                            new Limits.MtaLimits(
                                    limits.family(),
                                    one,
                                    limits.connDelay(),
                                    limits.session(),
                                    limits.tasks()),
                            after);
            assertTrue(took.compareTo(most) < 0, after + " ms: took " + took);
        }
    }

    @Test
    @DisplayName("F-91: beside a message to 50,000 recipients a small one is on its way at once")
    void aSmallMessageBesideALargeOne() {
        Plan plan = DeadDestination.plan(List.of(new Plan.Bad(FarHost.Manner.SLOW, true)));
        RouterWorld world = new RouterWorld(plan, new SplittableRandom(1), RouterSimulation.COST);
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            many.add("u" + i + "@bad0.example");
        }
        world.clock.afterMillis(0, () -> world.submit(many));
        world.clock.afterMillis(5_000, () -> world.submit(List.of("u@good0.example")));
        while (world.clock.millis() < 8_000 && world.clock.step()) {
            // time passes
        }
        Spool.Letter urgent =
                world.spool.letters().values().stream()
                        .filter(it -> it.envelope.dest().domain().equals("good0.example"))
                        .findFirst()
                        .orElseThrow();
        Duration took = urgent.delay;
        assertTrue(took != null && took.compareTo(Duration.ofSeconds(1)) < 0, "took " + took);
    }
}
