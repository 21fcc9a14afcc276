package smtpd.lka.filter;

import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.lka.filter.FilterProtocol.Said;

import java.util.EnumSet;
import java.util.Set;

/// What a program has registered for.
final class Registration {
    private final Set<FilterEvent> incoming = EnumSet.noneOf(FilterEvent.class);
    private final Set<FilterEvent> outgoing = EnumSet.noneOf(FilterEvent.class);
    private final Set<FilterPhase> phases = EnumSet.noneOf(FilterPhase.class);
    private boolean dns;

    /// Takes an event, or all of them.
    void add(Said.WantsEvent it) {
        Set<FilterEvent> events = it.subsystem() == Subsystem.IN ? incoming : outgoing;
        it.event()
                .ifPresentOrElse(
                        events::add, () -> events.addAll(EnumSet.allOf(FilterEvent.class)));
    }

    /// Takes a phase.
    void add(FilterPhase phase) {
        phases.add(phase);
    }

    /// Takes DNS.
    void addDns() {
        dns = true;
    }

    /// The events of a subsystem.
    Set<FilterEvent> events(Subsystem subsystem) {
        return subsystem == Subsystem.IN ? incoming : outgoing;
    }

    /// The phases.
    Set<FilterPhase> phases() {
        return phases;
    }

    /// Whether it may ask DNS.
    boolean dns() {
        return dns;
    }
}
