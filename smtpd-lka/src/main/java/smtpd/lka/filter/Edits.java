package smtpd.lka.filter;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.FilterConf;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.SessionId;
import smtpd.core.proc.Peer;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The messages that are being edited. In the agent's thread.
final class Edits {
    /// Octets in one frame to smtp.
    private static final int PART = 16 * 1024;

    private final FilterHub.World world;
    private final Peer<LkaToSmtp, SmtpToLka> smtp;
    private final Map<Long, Edit> byContent = new LinkedHashMap<>();
    private final Map<Long, Edit.Stage> byToken = new LinkedHashMap<>();
    private final Set<Edit> touched = new LinkedHashSet<>();

    Edits(FilterHub.World world, Peer<LkaToSmtp, SmtpToLka> smtp) {
        this.world = world;
        this.smtp = smtp;
    }

    /// A program with its place in a message's way.
    record Editor(FilterConf.Program filter, FilterProgram program, boolean there) {}

    /// A message begins.
    ///
    /// @param editors the programs that edit it, in order
    void begin(long content, @Nullable FilterSession session, List<Editor> editors) {
        if (session == null || byContent.containsKey(content)) {
            smtp.send(new LkaToSmtp.EditedEnd(content, false));
            return;
        }
        Edit before = session.edit();
        if (before != null) {
            remove(before);
        }
        Instant now = world.agenda().now();
        Edit edit = new Edit(content, session, SmtpToLka.EDITED_WINDOW, now);
        session.edits(edit);
        byContent.put(content, edit);
        for (Editor each : editors) {
            if (each.there()) {
                long token = world.random().getAsLong();
                byToken.put(
                        token,
                        new Edit.Stage(
                                edit, each.program(), token, each.filter().trouble().timeout()));
            } else if (each.filter().trouble().fail() == FilterConf.Fail.TEMPFAIL) {
                edit.fail(each.program().shown() + " is not there");
            }
        }
        settle(edit);
    }

    /// The next piece of a message.
    void part(long content, Bytes part) {
        Edit edit = byContent.get(content);
        if (edit != null) {
            edit.put(part);
            move(edit);
        }
    }

    /// A message is complete.
    void end(long content, boolean wanted) {
        Edit edit = byContent.get(content);
        if (edit != null) {
            edit.endInput(wanted);
            move(edit);
        }
    }

    private void move(Edit edit) {
        if (edit.stages().isEmpty()) {
            credit(edit, edit.passThrough());
        } else {
            pump(edit.stages().getFirst().program());
        }
        settle(edit);
    }

    /// smtp has dealt with some.
    void credit(long content, int octets) {
        Edit edit = byContent.get(content);
        if (edit != null) {
            edit.give(octets, world.agenda().now());
            if (edit.stages().isEmpty()) {
                credit(edit, edit.passThrough());
            }
            settle(edit);
        }
    }

    private void credit(Edit edit, int octets) {
        if (octets > 0) {
            smtp.send(new LkaToSmtp.ContentCredit(edit.content(), octets));
        }
    }

    /// A program sends a line; false if nobody waits for it.
    boolean line(FilterProgram program, SessionId session, long token, String line) {
        Edit.Stage stage = byToken.get(token);
        if (stage == null
                || stage.program() != program
                || !stage.edit().session().id().equals(session)) {
            return false;
        }
        stage.edit().heard(stage, line, world.agenda().now());
        if (line.equals(".") || line.equals(".\r")) {
            byToken.remove(token);
        }
        touched.add(stage.edit());
        return true;
    }

    /// Passes on what programs have sent.
    void flush() {
        while (!touched.isEmpty()) {
            List<Edit> edits = List.copyOf(touched);
            touched.clear();
            for (Edit edit : edits) {
                edit.stages().stream().skip(1).forEach(stage -> pump(stage.program()));
                settle(edit);
            }
        }
    }

    /// Gives a program what waits for it, in turn, as long as it reads.
    void pump(FilterProgram program) {
        ArrayDeque<Edit.Stage> hungry = program.hungry();
        Instant now = world.agenda().now();
        String time = FilterProtocol.time(now);
        while (program.hasRoom() && !hungry.isEmpty()) {
            Edit.Stage stage = hungry.remove();
            Edit edit = stage.edit();
            SessionId session = edit.session().id();
            StringBuilder lines = new StringBuilder();
            int credit =
                    stage.feed(
                            now,
                            line ->
                                    lines.append(
                                            FilterProtocol.dataLine(
                                                    time, session, stage.token(), line)));
            if (lines.length() > 0) {
                Chronicle.say(program, lines.toString());
            }
            credit(edit, credit);
            if (!edit.failure().isEmpty()) {
                settle(edit);
            }
        }
    }

    /// Sends what there is for smtp, and ends what is at its end.
    private void settle(Edit edit) {
        if (byContent.get(edit.content()) != edit) {
            return;
        }
        if (!edit.failure().isEmpty()) {
            world.complaints().accept("filter: a message was not edited: " + edit.failure());
            smtp.send(new LkaToSmtp.EditedEnd(edit.content(), false));
            remove(edit);
            return;
        }
        for (Bytes part = edit.take(PART); part != null; part = edit.take(PART)) {
            smtp.send(new LkaToSmtp.EditedPart(edit.content(), part));
        }
        edit.relieve();
        if (edit.isComplete()) {
            if (!edit.isUnwanted()) {
                smtp.send(new LkaToSmtp.EditedEnd(edit.content(), true));
            }
            remove(edit);
        }
    }

    private void remove(Edit edit) {
        byContent.remove(edit.content());
        edit.stages().forEach(stage -> byToken.remove(stage.token()));
        edit.close();
        if (edit.session().edit() == edit) {
            edit.session().edits(null);
        }
    }

    /// A session has ended.
    void abandon(FilterSession session) {
        Edit edit = session.edit();
        if (edit != null) {
            remove(edit);
        }
    }

    /// A program has ended: what it was editing is half an edit.
    void lost(FilterProgram program) {
        for (Edit edit : List.copyOf(byContent.values())) {
            boolean concerned =
                    edit.stages().stream().anyMatch(stage -> stage.program() == program);
            if (concerned) {
                edit.fail(program.shown() + " ended");
                settle(edit);
            }
        }
    }

    /// Looks at deadlines.
    void tick(Instant now) {
        for (Edit edit : List.copyOf(byContent.values())) {
            for (Edit.Stage stage : edit.stages()) {
                if (byToken.containsKey(stage.token()) && stage.isLate(now)) {
                    edit.fail(stage.program().shown() + " did not finish in time");
                    stage.endIfItHangs();
                }
            }
            if (edit.isStuck(now)) {
                edit.fail("nobody takes it");
            }
            settle(edit);
        }
    }
}
