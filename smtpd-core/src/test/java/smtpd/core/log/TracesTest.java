package smtpd.core.log;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TracesTest {
    @AfterEach
    void allOff() {
        assertTrue(Traces.set("all", false));
    }

    @Test
    void aSubsystemIsTurnedOnAndOff() {
        assertFalse(Traces.on("lookup"));
        assertTrue(Traces.set("lookup", true));
        assertTrue(Traces.on("lookup"));
        assertFalse(Traces.on("expand"));
        assertTrue(Traces.set("lookup", false));
        assertFalse(Traces.on("lookup"));
    }

    @Test
    void allMeansEveryOne() {
        assertTrue(Traces.set("all", true));
        assertTrue(Traces.NAMES.stream().allMatch(Traces::on));
    }

    @Test
    void anUnknownNameIsRefused() {
        assertFalse(Traces.set("nothing", true));
        assertFalse(Traces.on("nothing"));
    }
}
