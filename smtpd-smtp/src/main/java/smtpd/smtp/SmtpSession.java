package smtpd.smtp;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.log.Traces;
import smtpd.core.mail.Bytes;
import smtpd.core.proc.PeerLost;
import smtpd.core.smtp.Command;
import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.Printable;
import smtpd.core.smtp.Received.Dialect;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.ErrorBudget;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Hello;
import smtpd.smtp.protocol.Limits;
import smtpd.smtp.protocol.MailLog;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Sequencing;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Step.Then;
import smtpd.smtp.verb.DataVerb;
import smtpd.smtp.verb.EtrnVerb;
import smtpd.smtp.verb.ExpnVerb;
import smtpd.smtp.verb.HelloVerb;
import smtpd.smtp.verb.HelpVerb;
import smtpd.smtp.verb.MailVerb;
import smtpd.smtp.verb.NoopVerb;
import smtpd.smtp.verb.QuitVerb;
import smtpd.smtp.verb.RcptVerb;
import smtpd.smtp.verb.RsetVerb;
import smtpd.smtp.verb.VrfyVerb;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One SMTP dialogue: greet; read a line, understand it, check that it may come now, run its verb,
/// answer; until one side has had enough. Runs on a virtual thread of its own.
final class SmtpSession implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(SmtpSession.class);

    private final ClientStream stream;
    private final LineReader reader;
    private final ReplyWriter replies;
    private final ErrorBudget budget = new ErrorBudget();
    private final List<Asked> group = new ArrayList<>();
    private Facts facts;
    private Phase phase = new Phase.Greeted();
    private String reason = "";
    private boolean rude;

    /// A RCPT that waits for the rest of its group.
    private record Asked(Bytes line, Command.Rcpt rcpt) {}

    SmtpSession(Facts facts, ClientStream stream) {
        this.facts = facts;
        this.stream = stream;
        reader = new LineReader(stream.input());
        replies = new ReplyWriter(stream);
    }

    @Override
    public void run() {
        try {
            greet();
            while (!isOver()) {
                serve();
            }
            replies.flush();
        } catch (EOFException e) {
            leave();
        } catch (IOException e) {
            reason = MailLog.ioError(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // One session is lost, not the others'.
            LOG.error("warn: session {}", facts.id(), e);
            reason = MailLog.ioError("internal error");
        } finally {
            end();
        }
    }

    private void end() {
        if (phase instanceof Phase.InTransaction it) {
            it.tx().rollback();
        }
        facts.log().disconnected(facts.id(), reason);
        stream.close(rude);
    }

    /// Looks the client up and greets it, unless it cannot be served.
    private void greet() throws IOException {
        if (!facts.client().isLocal()) {
            try {
                facts = facts.named(facts.services().lka().name(facts.client().address()));
            } catch (PeerLost e) {
                facts.log().connected(facts.id(), facts.client());
                farewell(Replies.UNAVAILABLE);
                return;
            }
        }
        facts.log().connected(facts.id(), facts.client());
        if (!facts.client().isLocal() && stream.input().available() > 0) {
            byte[] early = new byte[Limits.PREGREET_SHOWN];
            int count = Math.max(0, reader.read(early, 0, early.length));
            facts.log().pregreet(facts.id(), early, count);
            farewell(Replies.PREGREET);
            return;
        }
        say(Replies.banner(facts.terms().hostname()));
    }

    /// Reads a line and does what it says.
    private void serve() throws IOException {
        if (!reader.lineBuffered()) {
            settle();
            replies.flush();
        }
        if (isOver()) {
            return;
        }
        switch (reader.readLine(LineReader.COMMAND_MAX)) {
            case LineReader.Read.Line line -> obey(line.bytes());
            case LineReader.Read.TooLong it -> {
                badInput(Replies.LINE_TOO_LONG);
                if (!it.resumable()) {
                    farewell(Replies.ENDLESS_LINE);
                }
            }
            case LineReader.Read.BareLf _, LineReader.Read.BareCr _ -> {
                badInput(Replies.BARE_LINE_END);
                hangUp();
            }
            case LineReader.Read.Eof _ -> leave();
        }
    }

    private void obey(Bytes line) throws IOException {
        Command command = facts.terms().parser().parse(line, false);
        trace("<<<", shown(line, command));
        if (reader.buffered() > 0 && isOutOfStep(command)) {
            settle();
            if (!isOver()) {
                conclude(line, command, Step.close(phase, Replies.OUT_OF_STEP));
            }
        } else if (command instanceof Command.Rcpt rcpt && phase instanceof Phase.InTransaction) {
            group.add(new Asked(line, rcpt));
            if (group.size() == Limits.RCPT_WINDOW) {
                settle();
            }
        } else {
            settle();
            if (!isOver()) {
                conclude(line, command, step(command));
            }
        }
    }

    private boolean isOver() {
        return !reason.isEmpty();
    }

    private Step step(Command command) {
        Optional<Reply> refusal = Sequencing.check(phase, command);
        return refusal.isPresent() ? Step.to(phase, refusal.get()) : run(command);
    }

    /// A local user may write a whole dialogue at once; nobody else is behind that socket.
    private boolean isOutOfStep(Command command) {
        return !facts.client().isLocal() && Sequencing.endsGroup(phase, command);
    }

    /// Answers the recipients gathered so far.
    private void settle() throws IOException {
        if (group.isEmpty() || !(phase instanceof Phase.InTransaction now)) {
            return;
        }
        List<Asked> asked = List.copyOf(group);
        group.clear();
        List<Command.Rcpt> rcpts = asked.stream().map(Asked::rcpt).toList();
        List<Reply> answers = RcptVerb.proceed(facts, now, rcpts);
        for (int i = 0; i < answers.size() && !isOver(); i++) {
            Asked one = asked.get(i);
            conclude(one.line(), one.rcpt(), Step.to(phase, answers.get(i)));
        }
    }

    private Step run(Command command) {
        return switch (command) {
            case Command.Helo it -> hello(Dialect.SMTP, it.name());
            case Command.Ehlo it -> hello(Dialect.ESMTP, it.name());
            case Command.Mail it when phase instanceof Phase.Identified now ->
                    MailVerb.proceed(facts, now, it);
            case Command.Data _ when phase instanceof Phase.InTransaction now ->
                    DataVerb.proceed(facts, now);
            case Command.Mail _, Command.Rcpt _, Command.Data _ ->
                    Step.to(phase, Replies.OUT_OF_ORDER);
            case Command.Rset _ -> RsetVerb.proceed(phase);
            case Command.Noop _ -> NoopVerb.proceed(phase);
            case Command.Quit _ -> QuitVerb.proceed(phase);
            case Command.Help _ -> HelpVerb.proceed(phase);
            case Command.Vrfy _ -> VrfyVerb.proceed(phase);
            case Command.Expn _ -> ExpnVerb.proceed(phase);
            case Command.Etrn _ -> EtrnVerb.proceed(phase);
            case Command.StartTls _, Command.Auth _ -> Step.to(phase, Replies.NOT_IMPLEMENTED);
            // What follows BDAT is content, not commands (RFC 3030 §2).
            case Command.Bdat _ -> Step.close(phase, Replies.NOT_IMPLEMENTED);
            case Command.Lhlo _, Command.Unknown _ -> Step.to(phase, Replies.UNRECOGNIZED);
            case Command.Http _ -> Step.close(phase, Replies.UNRECOGNIZED);
            case Command.Malformed it -> Step.to(phase, it.reply());
        };
    }

    private Step hello(Dialect dialect, String name) {
        return HelloVerb.proceed(facts, phase, new Hello(dialect, name));
    }

    /// Takes a step: answers, logs, counts.
    private void conclude(Bytes line, Command command, Step step) throws IOException {
        phase = step.next();
        say(step.reply());
        if (step.reply().code() >= 400) {
            facts.log().failedCommand(facts.id(), shown(line, command), step.reply());
        }
        boolean spent = !budget.charge(command, step.reply());
        switch (step.then()) {
            case Then.Close _ when command instanceof Command.Quit -> reason = "quit";
            case Then.Close _ -> hangUp();
            case Then.ReceiveContent _ when phase instanceof Phase.InTransaction now -> {
                replies.flush();
                Step received = DataVerb.receive(facts, now, reader);
                if (received.reply().code() < 400) {
                    budget.restore();
                }
                conclude(line, command, received);
            }
            case Then.Continue _, Then.ReceiveContent _ -> {
                boolean blind = command instanceof Command.Data && reader.buffered() > 0;
                if (spent) {
                    farewell(Replies.TOO_MANY_ERRORS);
                } else if (blind && step.reply().code() >= 400 && facts.client().isLocal()) {
                    // Content may already be under way and would be taken for commands.
                    farewell(Replies.OUT_OF_STEP);
                }
            }
        }
    }

    private void badInput(Reply reply) throws IOException {
        settle();
        if (isOver()) {
            return;
        }
        say(reply);
        facts.log().badInput(facts.id(), reply);
        if (!budget.charge(new Command.Malformed(reply), reply)) {
            farewell(Replies.TOO_MANY_ERRORS);
        }
    }

    private void farewell(Reply reply) throws IOException {
        if (!isOver()) {
            say(reply);
            hangUp();
        }
    }

    /// Ends a session whose client may still be talking.
    private void hangUp() {
        reason = "quit";
        rude = true;
    }

    /// Reading found the end: the client is gone, or we are told to stop.
    private void leave() {
        switch (stream.interruption()) {
            case NONE -> reason = "disconnect";
            case TIMEOUT -> {
                reason = "timeout";
                lastWord(Replies.TIMEOUT);
            }
            case SHUTDOWN -> {
                reason = "quit";
                lastWord(Replies.SHUTTING_DOWN);
            }
        }
    }

    private void lastWord(Reply reply) {
        try {
            say(reply);
            replies.flush();
        } catch (IOException e) {
            LOG.debug("debug: {} {}", facts.id(), e.getMessage());
        }
    }

    private void say(Reply reply) throws IOException {
        trace(">>>", reply.line());
        replies.add(reply);
    }

    private void trace(String direction, String text) {
        if (Traces.on("smtp")) {
            LOG.info("smtp: {} {} {}", facts.id(), direction, text);
        }
    }

    /// A command as logs may show it: without what may be a password.
    private static String shown(Bytes line, Command command) {
        return command instanceof Command.Auth auth
                ? "AUTH " + auth.mechanism() + " (...)"
                : Printable.escape(line.array(), line.offset(), line.length(), Limits.LOGGED);
    }
}
