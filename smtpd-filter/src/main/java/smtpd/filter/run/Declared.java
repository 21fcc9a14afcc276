package smtpd.filter.run;

import org.jspecify.annotations.Nullable;

import smtpd.filter.Decision;
import smtpd.filter.Editor;
import smtpd.filter.Event;
import smtpd.filter.Filter;
import smtpd.filter.Phase;
import smtpd.filter.Question;
import smtpd.filter.Report;
import smtpd.filter.Session;
import smtpd.filter.Subsystem;
import smtpd.filter.wire.FilterLine;
import smtpd.filter.wire.ProtocolException;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a filter wants, as its author has said.
public final class Declared {
    private static final Decision FAULT = Decision.reject("451 4.3.0 Temporary failure");

    private final String name;
    private final Map<String, Asked<?>> deciders = new LinkedHashMap<>();
    private final Map<Subsystem, Heard> heard = new EnumMap<>(Subsystem.class);
    private Editor.@Nullable Maker editor;
    private boolean dns;
    private Filter.Start start = daemon -> {};
    private Runnable end = () -> {};
    private Decision fault = FAULT;

    /// What is heard of the sessions of one subsystem.
    private static final class Heard {
        private final List<Told<?>> listeners = new ArrayList<>();
        private final List<Filter.Listener<Report>> toAll = new ArrayList<>();
    }

    /// @param name of the filter
    public Declared(String name) {
        this.name = name;
    }

    /// A decider and what it is asked.
    private record Asked<Q extends Question>(Phase<Q> phase, Filter.Decider<Q> decider) {
        private Deciding read(String rest) throws ProtocolException {
            Q question = phase.read(rest);
            return session -> decider.decide(session, question);
        }
    }

    /// A listener and what it hears.
    private record Told<R extends Report>(Event<R> event, Filter.Listener<? super R> listener) {
        private Hearing read(String rest) throws ProtocolException {
            R report = event.read(rest);
            return session -> listener.hear(session, report);
        }
    }

    /// A question that has been read.
    interface Deciding {
        Decision decide(Session session) throws Exception;
    }

    /// A report that has been read.
    interface Hearing {
        void hear(Session session) throws Exception;
    }

    /// See [Filter#decide(Phase, Filter.Decider)].
    public <Q extends Question> void decide(Phase<Q> phase, Filter.Decider<Q> decider) {
        if (deciders.putIfAbsent(phase.word(), new Asked<>(phase, decider)) != null) {
            throw new IllegalStateException("a second decider for " + phase);
        }
    }

    /// See [Filter#hear(Subsystem, Event, Filter.Listener)].
    public <R extends Report> void hear(
            Subsystem subsystem, Event<R> event, Filter.Listener<? super R> listener) {
        heardOf(subsystem).listeners.add(new Told<>(event, listener));
    }

    /// See [Filter#hearAll(Subsystem, Filter.Listener)].
    public void hearAll(Subsystem subsystem, Filter.Listener<Report> listener) {
        heardOf(subsystem).toAll.add(listener);
    }

    private Heard heardOf(Subsystem subsystem) {
        return heard.computeIfAbsent(subsystem, _ -> new Heard());
    }

    /// See [Filter#edit(Editor.Maker)].
    public void edit(Editor.Maker maker) {
        if (editor != null) {
            throw new IllegalStateException("a second editor");
        }
        editor = maker;
    }

    /// See [Filter#usesDns()].
    public void usesDns() {
        dns = true;
    }

    /// See [Filter#onStart(Filter.Start)].
    public void onStart(Filter.Start start) {
        this.start = start;
    }

    /// See [Filter#onEnd(Runnable)].
    public void onEnd(Runnable end) {
        this.end = end;
    }

    /// See [Filter#onFault(Decision)].
    public void onFault(Decision decision) {
        if (decision instanceof Decision.Later) {
            throw new IllegalArgumentException("a fault is answered at once");
        }
        fault = decision;
    }

    String name() {
        return name;
    }

    boolean wantsDns() {
        return dns;
    }

    Filter.Start start() {
        return start;
    }

    Runnable end() {
        return end;
    }

    Decision fault() {
        return fault;
    }

    Editor.@Nullable Maker editor() {
        return editor;
    }

    /// The decider of a phase, its question read; null if the filter has none.
    @Nullable Deciding deciding(String phase, String rest) throws ProtocolException {
        Asked<?> asked = deciders.get(phase);
        return asked == null ? null : asked.read(rest);
    }

    /// The listeners of an event, their report read.
    List<Hearing> hearing(Subsystem subsystem, String event, String rest) throws ProtocolException {
        List<Hearing> hearing = new ArrayList<>();
        Heard here = heard.get(subsystem);
        if (here != null) {
            for (Told<?> told : here.listeners) {
                if (told.event().word().equals(event)) {
                    hearing.add(told.read(rest));
                }
            }
            if (!here.toAll.isEmpty()) {
                Report report = Known.read(event, rest);
                here.toAll.forEach(each -> hearing.add(session -> each.hear(session, report)));
            }
        }
        return hearing;
    }

    /// What is said to register.
    ///
    /// @param subsystems where the server uses the filter
    List<byte[]> registrations(Set<Subsystem> subsystems) {
        List<byte[]> lines = new ArrayList<>();
        for (Subsystem subsystem : subsystems) {
            events(subsystem)
                    .forEach(it -> lines.add(FilterLine.registerReport(subsystem.word(), it)));
            if (dns) {
                lines.add(FilterLine.registerDns(subsystem.word()));
            }
        }
        if (subsystems.contains(Subsystem.SMTP_IN)) {
            Set<String> phases = new LinkedHashSet<>(deciders.keySet());
            if (editor != null) {
                phases.add("data-line");
                phases.add(Phase.COMMIT.word());
            }
            phases.forEach(phase -> lines.add(FilterLine.registerFilter(phase)));
        }
        lines.add(FilterLine.registerReady());
        return lines;
    }

    private Set<String> events(Subsystem subsystem) {
        Heard here = heard.get(subsystem);
        boolean asked = subsystem == Subsystem.SMTP_IN && (!deciders.isEmpty() || editor != null);
        if (here == null && !asked) {
            return Set.of();
        }
        if (here != null && !here.toAll.isEmpty()) {
            return Set.of("*");
        }
        Set<String> events = new LinkedHashSet<>(Known.OF_SESSIONS);
        if (here != null) {
            here.listeners.forEach(told -> events.add(told.event().word()));
        }
        return events;
    }
}
