package smtpd.control;

import smtpd.core.imsg.Trace;
import smtpd.core.imsg.Verbose;
import smtpd.core.proc.Role;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;

/// What every process is told alike.
final class Broadcast {
    private record Listener(Consumer<Verbose> verbose, Consumer<Trace> trace) {}

    private final Map<Role, Listener> listeners = new EnumMap<>(Role.class);

    /// Adds a process.
    void add(Role role, Consumer<Verbose> verbose, Consumer<Trace> trace) {
        listeners.put(role, new Listener(verbose, trace));
    }

    void verbose(Verbose message) {
        listeners.values().forEach(to -> to.verbose.accept(message));
    }

    void trace(Trace message) {
        listeners.values().forEach(to -> to.trace.accept(message));
    }

    /// Tells one process what has been switched so far.
    void repeat(Role role, Switches switches) {
        Listener to = listeners.get(role);
        if (to == null) {
            return;
        }
        switches.verbose().ifPresent(on -> to.verbose.accept(new Verbose(on)));
        switches.traces().forEach(name -> to.trace.accept(new Trace(name, true)));
    }
}
