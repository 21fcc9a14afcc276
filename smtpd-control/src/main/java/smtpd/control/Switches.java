package smtpd.control;

import smtpd.core.imsg.ManagedService;

import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/// What the operator has switched: told again to every process that is started anew.
final class Switches {
    private final Set<ManagedService> paused = EnumSet.noneOf(ManagedService.class);
    private final Set<String> traces = new LinkedHashSet<>();
    private Optional<Boolean> verbose = Optional.empty();

    /// Whether a service is paused.
    boolean isPaused(ManagedService service) {
        return paused.contains(service);
    }

    /// What is paused.
    Set<ManagedService> paused() {
        return Collections.unmodifiableSet(paused);
    }

    void pause(ManagedService service, boolean on) {
        if (on) {
            paused.add(service);
        } else {
            paused.remove(service);
        }
    }

    /// The subsystems that are traced, in the order they were turned on.
    Set<String> traces() {
        return Collections.unmodifiableSet(traces);
    }

    void trace(String subsystem, boolean on) {
        if (on) {
            traces.add(subsystem);
        } else {
            traces.remove(subsystem);
        }
    }

    void verbose(boolean on) {
        verbose = Optional.of(on);
    }

    /// How verbose the operator wants the log; empty if that was not said, and each process knows
    /// best how it was started.
    Optional<Boolean> verbose() {
        return verbose;
    }
}
