package smtpd.filter.run;

import org.jspecify.annotations.Nullable;

import smtpd.filter.Decision;
import smtpd.filter.Editor;
import smtpd.filter.Session;
import smtpd.filter.wire.FilterLine;

import java.io.IOException;
import java.util.function.Consumer;

/// The content of one message on its way through an editor: dots are undoubled before it and
/// doubled behind it, and what it throws makes the message refused. All calls come from the
/// session's lane.
final class Editing implements Lane.ContentTaker {
    private static final String END = ".";
    private static final int BYTE_MAX = 0xff;

    private final Session session;
    private final String token;
    private final Writer writer;
    private final Decision fault;
    private final Consumer<Throwable> faults;
    private final Editor.Maker maker;
    private @Nullable Editor editor;
    private Decision verdict = Decision.proceed();
    private boolean failed;
    private boolean over;

    /// @param token of the message
    Editing(Session session, String token, Writer writer, Declared declared, Faults faults) {
        this.session = session;
        this.token = token;
        this.writer = writer;
        this.fault = declared.fault();
        this.faults = why -> faults.tell(session.id(), "content", why);
        Editor.Maker declaredMaker = declared.editor();
        if (declaredMaker == null) {
            throw new IllegalStateException("content without an editor");
        }
        this.maker = declaredMaker;
    }

    String token() {
        return token;
    }

    /// What becomes of the message.
    Decision verdict() {
        return verdict;
    }

    @Override
    public boolean isSame(Lane.ContentTaker other) {
        return other == this;
    }

    @Override
    public void line(String line) {
        if (over) {
            return;
        }
        if (!failed) {
            edit(line);
        }
        if (line.equals(END)) {
            writer.write(FilterLine.content(session.id(), token, END));
            close();
        }
    }

    private void edit(String line) {
        try {
            Editor current = editor();
            if (line.equals(END)) {
                verdict = allowed(current.end(this::put));
            } else {
                current.line(line.startsWith(".") ? line.substring(1) : line, this::put);
            }
        } catch (Exception e) {
            fail(e);
        }
    }

    private Editor editor() throws Exception {
        Editor current = editor;
        if (current == null) {
            current = maker.edit(session);
            editor = current;
        }
        return current;
    }

    private static Decision allowed(Decision decision) {
        if (decision instanceof Decision.Junk || decision instanceof Decision.Rewrite) {
            throw new IllegalStateException(decision + " is too late at the end of a message");
        }
        return decision;
    }

    @Override
    public void lost(IOException why) {
        fail(why);
    }

    private void fail(Exception why) {
        failed = true;
        verdict = fault;
        faults.accept(why);
    }

    private void put(String line) {
        for (int i = 0; i < line.length(); i++) {
            char each = line.charAt(i);
            if (each == '\n' || each > BYTE_MAX) {
                throw new IllegalArgumentException("not a line of bytes: character " + i);
            }
        }
        if (over) {
            throw new IllegalStateException("the message is over");
        }
        writer.write(
                FilterLine.content(session.id(), token, line.startsWith(".") ? "." + line : line));
    }

    /// The message is complete, or given up.
    void close() {
        over = true;
        Editor current = editor;
        editor = null;
        if (current != null) {
            try {
                current.close();
            } catch (Exception e) {
                faults.accept(e);
            }
        }
    }
}
