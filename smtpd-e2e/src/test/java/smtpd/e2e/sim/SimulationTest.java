package smtpd.e2e.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/// The worlds of every build; `etc/simulate --seeds N` runs more of them.
class SimulationTest {
    private static final long SEEDS = 300;

    /// Worlds in which a lie must be noticed: each of them alone may have no death at the moment
    /// that matters.
    private static final long LIE_SEEDS = 40;

    @Test
    @DisplayName("F-58 F-66 F-67 F-69 F-70 F-75 F-86 F-87: nothing accepted is lost, in any world")
    void everyPromiseIsKeptInEveryWorld() {
        List<String> complaints = new ArrayList<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            Simulation.Result result = Simulation.run(seed, Plan.Lie.NONE, null);
            if (!result.violations().isEmpty()) {
                complaints.add(result.complaint());
            }
        }
        assertEquals(List.of(), complaints);
    }

    @Test
    void theSameSeedGivesTheSameTrace() {
        for (long seed = 1; seed <= 20; seed++) {
            Simulation.Result first = Simulation.run(seed, Plan.Lie.NONE, null);
            Simulation.Result second = Simulation.run(seed, Plan.Lie.NONE, null);
            assertEquals(first, second);
        }
    }

    @Test
    void anotherSeedGivesAnotherTrace() {
        long traces =
                LongStream.rangeClosed(1, 20)
                        .map(seed -> Simulation.run(seed, Plan.Lie.NONE, null).hash())
                        .distinct()
                        .count();
        assertEquals(20, traces);
    }

    @Test
    @DisplayName("F-70: a disk that lies about syncs is caught")
    void aLyingDiskIsCaught() {
        assertTrue(caught(Plan.Lie.DISK, text -> text.contains("LOST")));
    }

    @Test
    @DisplayName("F-69: a 250 before its sync is caught")
    void anEarly250IsCaught() {
        assertTrue(caught(Plan.Lie.EARLY, text -> text.contains("LOST")));
    }

    @Test
    @DisplayName("F-58: a removal that is forgotten is caught")
    void aForgottenRemovalIsCaught() {
        assertTrue(caught(Plan.Lie.REMOVAL, text -> text.contains("TWICE")));
    }

    private static boolean caught(Plan.Lie lie, Predicate<String> how) {
        return LongStream.rangeClosed(1, LIE_SEEDS)
                .anyMatch(seed ->
                        Simulation.run(seed, lie, null).violations().stream().anyMatch(how));
    }
}
