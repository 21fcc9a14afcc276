package smtpd.e2e.sim.router;

import smtpd.core.conf.Limits;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/// Fifty domains with one mail exchanger, a thousand messages.
///
/// @param connections how many the server saw
/// @param open how many at one time
/// @param transactions how many it took part in
/// @param took until the last was delivered
/// @param complaints broken promises
record SharedServer(
        int connections, int open, int transactions, Duration took, List<String> complaints) {
    static final int DOMAINS = 50;
    static final int MESSAGES = 1000;

    static SharedServer run(Plan.Identity identity, Limits.MtaLimits limits) {
        Plan plan =
                new Plan(
                        1,
                        List.of(),
                        DOMAINS,
                        0,
                        false,
                        0,
                        MESSAGES,
                        Duration.ofMinutes(1),
                        Duration.ofHours(1),
                        Duration.ofDays(4),
                        new Limits(
                                Limits.Scheduler.DEFAULT,
                                Limits.Mda.DEFAULT,
                                new Limits.Mta(limits, Map.of(), 100)),
                        identity);
        RouterWorld world = new RouterWorld(plan, new SplittableRandom(7), RouterSimulation.COST);
        for (int i = 0; i < MESSAGES; i++) {
            String rcpt = "u@good" + i % DOMAINS + ".example";
            world.clock.afterMillis(i * 60L, () -> world.submit(List.of(rcpt)));
        }
        int open = 0;
        FarHost server = Objects.requireNonNull(world.internet.hosts.get("192.0.2.1"));
        while (!world.isDone(MESSAGES) && world.clock.millis() < 7_200_000) {
            world.clock.step();
            open = Math.max(open, server.open);
        }
        return new SharedServer(
                server.connections,
                open,
                server.transactions,
                Duration.ofMillis(world.clock.millis()),
                world.referee.complaints());
    }

    /// Prints the figures.
    public static void main(String[] args) {
        System.out.println("by route  " + run(Plan.Identity.ROUTE, Limits.MtaLimits.DEFAULT));
        System.out.println("by domain " + run(Plan.Identity.DOMAIN, Limits.MtaLimits.DEFAULT));
        System.out.println("dead destination   0 " + DeadDestination.run(0));
        System.out.println("dead destination 1e5 " + DeadDestination.run(100_000));
    }
}
