package smtpd.lka.filter;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.FilterConf;
import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterStart;
import smtpd.core.mail.SessionId;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A session that filters see: who it is, what they have been told, and which runs of programs know
/// it. One that a run does not know is introduced to it when no transaction is open.
final class FilterSession {
    private final Key key;
    private final FilterStart.Ends ends;
    private final List<FilterConf> members;
    private final Map<String, Integer> known = new LinkedHashMap<>();
    private final Map<FilterEvent, Told> history = new LinkedHashMap<>();
    private @Nullable Opening opening;
    private @Nullable Edit edit;
    private boolean inTransaction;
    private boolean over;

    /// Which session.
    record Key(Subsystem subsystem, SessionId id) {}

    /// What filters were told.
    record Told(Instant at, List<String> fields) {}

    /// A beginning that waits for programs.
    record Opening(long request, Instant until) {}

    FilterSession(Key key, FilterStart.Ends ends, List<FilterConf> members) {
        this.key = key;
        this.ends = ends;
        this.members = members;
    }

    Key key() {
        return key;
    }

    SessionId id() {
        return key.id();
    }

    FilterStart.Ends ends() {
        return ends;
    }

    /// Its filters, none of them a chain.
    List<FilterConf> members() {
        return members;
    }

    /// Those that are programs.
    List<FilterConf.Program> programs() {
        List<FilterConf.Program> programs = new ArrayList<>();
        for (FilterConf member : members) {
            if (member instanceof FilterConf.Program program) {
                programs.add(program);
            }
        }
        return programs;
    }

    @Nullable Opening opening() {
        return opening;
    }

    void waits(@Nullable Opening now) {
        opening = now;
    }

    @Nullable Edit edit() {
        return edit;
    }

    void edits(@Nullable Edit now) {
        edit = now;
    }

    /// Whether that run of a program knows it.
    boolean isKnownTo(FilterProgram program) {
        return program.isReady() && known.getOrDefault(program.shown(), 0) == program.run();
    }

    /// That run of a program has been told of it.
    void introduced(FilterProgram program) {
        known.put(program.shown(), program.run());
    }

    /// It has ended.
    void end() {
        over = true;
    }

    boolean isOver() {
        return over;
    }

    boolean inTransaction() {
        return inTransaction;
    }

    /// What a program that has just come to know it must be told: where the session stands.
    Map<FilterEvent, Told> history() {
        return history;
    }

    /// Something has happened.
    void remember(FilterEvent event, List<String> fields, Instant now) {
        switch (event) {
            case LINK_CONNECT, LINK_GREETING, LINK_IDENTIFY, LINK_TLS, LINK_AUTH -> {
                history.remove(event);
                history.put(event, new Told(now, fields));
            }
            case TX_BEGIN -> inTransaction = true;
            case TX_RESET -> inTransaction = false;
            case LINK_DISCONNECT,
                    TX_MAIL,
                    TX_RCPT,
                    TX_ENVELOPE,
                    TX_DATA,
                    TX_COMMIT,
                    TX_ROLLBACK,
                    PROTOCOL_CLIENT,
                    PROTOCOL_SERVER,
                    FILTER_REPORT,
                    FILTER_RESPONSE,
                    TIMEOUT -> {}
        }
    }
}
