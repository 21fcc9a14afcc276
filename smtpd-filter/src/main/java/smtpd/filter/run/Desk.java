package smtpd.filter.run;

import org.jspecify.annotations.Nullable;

import smtpd.filter.Decision;
import smtpd.filter.Phase;
import smtpd.filter.Report;
import smtpd.filter.Subsystem;
import smtpd.filter.wire.FilterLine;
import smtpd.filter.wire.ProtocolException;
import smtpd.filter.wire.ServerLine;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Takes the lines of the server: reads their fields at once, so that a wrong one ends the run, and
/// gives the work to the lanes. One thread calls it.
final class Desk {
    private final Declared declared;
    private final Writer writer;
    private final DnsDesk dns;
    private final LiveSession.House house;
    private final Map<String, LiveSession> sessions = new HashMap<>();
    private final Map<String, Editing> receiving = new HashMap<>();
    private volatile Instant now;

    /// @param beginning the time until a line says another
    Desk(
            Declared declared,
            Writer writer,
            DnsDesk dns,
            LiveSession.House house,
            Instant beginning) {
        this.now = beginning;
        this.declared = declared;
        this.writer = writer;
        this.dns = dns;
        this.house = house;
    }

    /// The time of the last line.
    Instant now() {
        return now;
    }

    void take(ServerLine line) throws ProtocolException {
        switch (line) {
            case ServerLine.Report it -> report(it);
            case ServerLine.Question it -> question(it);
            case ServerLine.Content it -> content(it);
            case ServerLine.DnsRecord it -> dns.take(it);
            case ServerLine.DnsEnd it -> dns.take(it);
            case ServerLine.Config _, ServerLine.ConfigReady _ ->
                    throw new ProtocolException("config after config|ready");
            case ServerLine.Other _ -> {}
        }
    }

    /// The server has gone: every session ends.
    void close() {
        dns.close();
        List.copyOf(sessions.values())
                .forEach(session ->
                        session.execute(() -> {
                            giveUpContent(session);
                            session.end();
                        }));
        sessions.clear();
    }

    private void report(ServerLine.Report line) throws ProtocolException {
        now = line.time();
        Subsystem subsystem = subsystem(line.subsystem());
        if (subsystem == null) {
            return;
        }
        Report report = Known.read(line.event(), line.rest());
        List<Declared.Hearing> listeners = declared.hearing(subsystem, line.event(), line.rest());
        LiveSession session =
                report instanceof Report.LinkConnect
                        ? open(line.session(), subsystem)
                        : sessions.get(line.session());
        if (session == null) {
            return;
        }
        if (report instanceof Report.LinkDisconnect) {
            sessions.remove(line.session());
            receiving.remove(line.session());
            dns.forget(line.session());
        }
        session.execute(() -> hear(session, report, listeners));
    }

    /// A session begins; or one that had begun before this run of the filter is heard of.
    private LiveSession open(String id, Subsystem subsystem) {
        return sessions.computeIfAbsent(id, _ -> new LiveSession(id, subsystem, house));
    }

    private void hear(LiveSession session, Report report, List<Declared.Hearing> listeners) {
        session.learn(report);
        for (Declared.Hearing each : listeners) {
            try {
                each.hear(session);
            } catch (Exception e) {
                house.faults().tell(session.id(), report.getClass().getSimpleName(), e);
            }
        }
        switch (report) {
            case Report.TxCommit _, Report.TxRollback _, Report.TxReset _ -> {
                giveUpContent(session);
                session.beginTransaction();
            }
            case Report.LinkDisconnect _ -> {
                giveUpContent(session);
                session.end();
            }
            case Report _ -> {}
        }
    }

    private void question(ServerLine.Question line) throws ProtocolException {
        now = line.time();
        LiveSession session = open(line.session(), Subsystem.SMTP_IN);
        Declared.Deciding deciding = declared.deciding(line.phase(), line.rest());
        session.execute(() -> answer(session, line, decide(session, line.phase(), deciding)));
    }

    private Decision decide(
            LiveSession session, String phase, Declared.@Nullable Deciding deciding) {
        if (phase.equals(Phase.MAIL_FROM.word())) {
            session.beginTransaction();
        }
        if (phase.equals(Phase.COMMIT.word())) {
            Decision verdict = verdict(session);
            if (!(verdict instanceof Decision.Proceed)) {
                return verdict;
            }
        }
        try {
            return deciding == null ? Decision.proceed() : deciding.decide(session);
        } catch (Exception e) {
            house.faults().tell(session.id(), phase, e);
            return declared.fault();
        }
    }

    /// What the editor said about the message that is to be taken.
    private static Decision verdict(LiveSession session) {
        Editing editing = session.editing();
        return editing == null ? Decision.proceed() : editing.verdict();
    }

    private void answer(LiveSession session, ServerLine.Question line, Decision decision) {
        if (decision instanceof Decision.Later(var stage)) {
            stage.whenComplete((later, failure) -> {
                if (failure != null) {
                    house.faults().tell(session.id(), line.phase(), failure);
                }
                answer(session, line, later == null ? declared.fault() : later);
            });
            return;
        }
        writer.write(FilterLine.result(line.session(), line.token(), Answers.of(line, decision)));
    }

    private void content(ServerLine.Content line) throws ProtocolException {
        now = line.time();
        if (declared.editor() == null) {
            throw new ProtocolException("content that was not asked for");
        }
        writer.awaitRoom();
        LiveSession session = open(line.session(), Subsystem.SMTP_IN);
        Editing editing = receiving.get(line.session());
        if (editing == null || !editing.token().equals(line.token())) {
            editing = new Editing(session, line.token(), writer, declared, house.faults());
            receiving.put(line.session(), editing);
            Editing begun = editing;
            session.execute(() -> {
                giveUpContent(session);
                session.editing(begun);
            });
        }
        session.lane().content(editing, line.line());
        if (line.line().equals(".")) {
            receiving.remove(line.session());
        }
    }

    private static void giveUpContent(LiveSession session) {
        Editing editing = session.editing();
        session.editing(null);
        if (editing != null) {
            editing.close();
        }
    }

    private static @Nullable Subsystem subsystem(String word) {
        for (Subsystem subsystem : Subsystem.values()) {
            if (subsystem.word().equals(word)) {
                return subsystem;
            }
        }
        return null;
    }
}
