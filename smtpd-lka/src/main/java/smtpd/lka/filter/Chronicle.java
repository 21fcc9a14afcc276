package smtpd.lka.filter;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.FilterConf;
import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.imsg.FilterVerdict;
import smtpd.core.log.Traces;
import smtpd.core.proc.Agenda;
import smtpd.core.smtp.Printable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Tells programs what happens in the sessions they see, and a program that was started again what
/// has happened before. In the agent's thread.
final class Chronicle {
    private static final Logger LOG = LoggerFactory.getLogger(FilterHub.class);

    private static final int SHOWN_MAX = 512;

    private final Agenda agenda;
    private final Programs programs;

    Chronicle(Agenda agenda, Programs programs) {
        this.agenda = agenda;
        this.programs = programs;
    }

    /// Where the filters of a session are to be asked.
    Set<FilterPhase> phases(FilterSession session) {
        Set<FilterPhase> phases = EnumSet.noneOf(FilterPhase.class);
        for (FilterConf member : session.members()) {
            switch (member) {
                case FilterConf.Program it ->
                        phases.addAll(programs.of(it).registration().phases());
                case FilterConf.Builtin it -> phases.add(FilterPhase.valueOf(it.phase().name()));
                case FilterConf.Chain _ -> throw new IllegalStateException("a chain in a chain");
            }
        }
        return phases;
    }

    /// What the filters of a session are to be told: whatever one of them wants, and what tells us
    /// where the session stands; nothing of a session with a server in which no program is
    /// interested.
    Set<FilterEvent> events(FilterSession session) {
        Set<FilterEvent> events = EnumSet.noneOf(FilterEvent.class);
        for (FilterConf.Program filter : session.programs()) {
            FilterProgram program = programs.of(filter);
            events.addAll(
                    program.isReady()
                            ? program.registration().events(session.key().subsystem())
                            : EnumSet.allOf(FilterEvent.class));
        }
        if (session.key().subsystem() == Subsystem.IN || !events.isEmpty()) {
            events.addAll(
                    EnumSet.of(
                            FilterEvent.LINK_GREETING,
                            FilterEvent.LINK_IDENTIFY,
                            FilterEvent.LINK_TLS,
                            FilterEvent.LINK_AUTH,
                            FilterEvent.LINK_DISCONNECT,
                            FilterEvent.TX_BEGIN,
                            FilterEvent.TX_RESET));
        }
        return events;
    }

    /// Whether a program is to be asked; one that is not there might want to be.
    static boolean wants(FilterSession session, FilterProgram program, FilterPhase phase) {
        return !session.isKnownTo(program) || program.wants(phase);
    }

    /// Makes a session known to the present run of a program, if that is possible.
    boolean introduce(FilterSession session, FilterProgram program) {
        if (session.isKnownTo(program)) {
            return true;
        }
        if (!program.isReady() || session.inTransaction()) {
            return false;
        }
        session.introduced(program);
        session.history()
                .forEach((event, told) -> tell(program, session, event, told.fields(), told.at()));
        return true;
    }

    /// Tells every program of a session what happened.
    void tell(FilterSession session, FilterEvent event, List<String> fields) {
        Instant now = agenda.now();
        boolean last = event == FilterEvent.LINK_DISCONNECT;
        for (FilterConf.Program filter : session.programs()) {
            FilterProgram program = programs.of(filter);
            if (last ? session.isKnownTo(program) : introduce(session, program)) {
                tell(program, session, event, fields, now);
            }
        }
        session.remember(event, fields, now);
    }

    private void tell(
            FilterProgram program,
            FilterSession session,
            FilterEvent event,
            List<String> fields,
            Instant at) {
        Subsystem subsystem = session.key().subsystem();
        if (program.wants(subsystem, event)) {
            say(
                    program,
                    FilterProtocol.report(
                            FilterProtocol.time(at), subsystem, event, session.id(), fields));
        }
    }

    /// Sends a program lines.
    static void say(FilterProgram program, String line) {
        if (Traces.on("filters")) {
            LOG.info("filters: {} <<< {}", program.shown(), Printable.escape(line, SHOWN_MAX));
        }
        program.say(line);
    }

    /// A filter has something to say.
    void filterReport(FilterSession session, String kind, String name, String text) {
        LOG.info(
                "{} filter report kind={} name={} message=\"{}\"",
                session.id(),
                kind,
                Printable.escape(name, SHOWN_MAX),
                Printable.escape(text, SHOWN_MAX).replace("\"", "\\\""));
        tell(session, FilterEvent.FILTER_REPORT, List.of(kind, name, text));
    }

    /// Filters have decided.
    void filterResponse(FilterSession session, FilterPhase phase, FilterVerdict verdict) {
        List<String> fields = new ArrayList<>();
        fields.add(phase.reported());
        fields.add(verdict.kind().name().toLowerCase(java.util.Locale.ROOT));
        if (!verdict.text().isEmpty()) {
            fields.add(verdict.text());
        }
        tell(session, FilterEvent.FILTER_RESPONSE, fields);
    }
}
