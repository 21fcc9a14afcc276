package smtpd.smtp;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.SmtpLimit;
import smtpd.core.conf.SmtpLimits;
import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.log.Traces;
import smtpd.core.mail.Bytes;
import smtpd.core.proc.PeerLost;
import smtpd.core.smtp.Command;
import smtpd.core.smtp.Domains;
import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.Printable;
import smtpd.core.smtp.Reply;
import smtpd.smtp.guard.Memory;
import smtpd.smtp.protocol.ErrorBudget;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Filters;
import smtpd.smtp.protocol.Limits;
import smtpd.smtp.protocol.MailLog;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;
import smtpd.smtp.verb.RcptVerb;
import smtpd.smtp.verb.Verbs;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One SMTP dialogue: greet; read a line, understand it, check that it may come now, run its verb,
/// answer; until one side has had enough. Runs on a virtual thread of its own.
final class SmtpSession implements Runnable, Talk {
    private static final Logger LOG = LoggerFactory.getLogger(SmtpSession.class);

    private final ListenerTls tls;
    private final ErrorBudget budget;
    private ClientStream stream;
    private LineReader reader;
    private ReplyWriter replies;
    private final List<Asked> group = new ArrayList<>();
    private Facts facts;
    private Phase phase = new Phase.Greeted(0);
    private String reason = "";
    private boolean rude;

    /// A command of the client.
    ///
    /// @param line as logs may show it
    private record Asked(String line, Verb<?, ?> verb, Command command) {
        int cost(Reply reply) {
            return command instanceof Command.Malformed ? ErrorBudget.PROTOCOL : verb.cost(reply);
        }
    }

    SmtpSession(Facts facts, ClientStream stream, ListenerTls tls) {
        this.facts = facts;
        this.tls = tls;
        this.stream = stream;
        SmtpLimits limits = facts.terms().options().limits();
        budget = new ErrorBudget(limits.of(SmtpLimit.ERRORS), limits.of(SmtpLimit.COMMANDS));
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
        } catch (RuntimeException | StackOverflowError e) {
            failed(e);
        } finally {
            end();
        }
    }

    /// An error of ours, met with what this client sent: its session is lost, not the others'.
    private void failed(Throwable error) {
        LOG.error("warn: session {}", facts.id(), error);
        reason = MailLog.ioError("internal error");
        try {
            lastWord(Replies.UNAVAILABLE);
        } catch (RuntimeException e) {
            LOG.error("warn: session {}: nor can that be said", facts.id(), e);
        }
    }

    private void end() {
        try {
            phase = phase.reset();
            if (facts.filters().active()) {
                facts.filters().report(FilterEvent.LINK_DISCONNECT);
            }
        } catch (RuntimeException e) {
            LOG.error("warn: session {}: its end", facts.id(), e);
        } finally {
            facts.log().disconnected(facts.id(), reason);
            stream.close(rude);
        }
    }

    /// Looks the client up and greets it, unless it cannot be served.
    private void greet() throws IOException {
        Optional<Confirmed> known =
                facts.client().isLocal() ? Optional.of(Confirmed.PASS) : lookUp();
        facts.log().connected(facts.id(), facts.client());
        if (facts.terms().beginsWithTls() && !secure()) {
            return;
        }
        if (known.isEmpty()) {
            farewell(Replies.UNAVAILABLE);
        } else if (!facts.client().isLocal() && stream.talks(greetDelay())) {
            byte[] early = new byte[Limits.PREGREET_SHOWN];
            int count = Math.max(0, reader.read(early, 0, early.length));
            facts.log().pregreet(facts.id(), early, count);
            farewell(Replies.PREGREET);
        } else if (meet(known.get())) {
            say(Replies.banner(facts.terms()));
            if (facts.filters().active()) {
                facts.filters().report(FilterEvent.LINK_GREETING, facts.terms().hostname());
            }
        }
    }

    /// Looks up what the client is called, and what we are; empty if that cannot be told now.
    private Optional<Confirmed> lookUp() {
        try {
            LkaToSmtp.ClientName name = facts.services().lka().client(facts.client().address());
            facts = facts.named(name.name());
            return nameOurselves() && judgeLineEnds()
                    ? Optional.of(name.confirmed())
                    : Optional.empty();
        } catch (PeerLost e) {
            return Optional.empty();
        }
    }

    /// Asks filters about the client, if there are any; false if it is not to be served.
    private boolean meet(Confirmed confirmed) throws IOException {
        Filters filters = facts.services().filters().of(facts);
        facts = facts.filtered(filters);
        if (filters.begin(facts, confirmed) instanceof Filters.Ruling.Refused(Reply reply, _)) {
            farewell(reply);
            return false;
        }
        tellEncrypted(facts);
        return true;
    }

    private static void tellEncrypted(Facts known) {
        if (known.filters().active() && known.encryption().isOn()) {
            known.filters().report(FilterEvent.LINK_TLS, known.encryption().link());
        }
    }

    /// How long we wait for a client to talk out of turn; those on this machine are trusted.
    private Duration greetDelay() {
        int seconds = facts.terms().options().limits().of(SmtpLimit.GREET_DELAY);
        return facts.client().isThisHost() ? Duration.ZERO : Duration.ofSeconds(seconds);
    }

    /// Looks up what we are called where the client connected (`hostnames`); false if that cannot
    /// be told now.
    private boolean nameOurselves() throws PeerLost {
        String table = facts.terms().listener().session().hostnames();
        if (table.isEmpty()) {
            return true;
        }
        LkaToSmtp.Hostname found =
                facts.services().lka().hostname(table, facts.ends().local().address());
        if (found.answer() == LookupAnswer.FOUND && Domains.isDomain(found.name(), false)) {
            facts = facts.hosted(found.name());
        }
        return found.answer() != LookupAnswer.TEMPFAIL;
    }

    /// Looks up whether a bare LF of the client ends a line (`bare-lf`); false if that cannot be
    /// told now.
    private boolean judgeLineEnds() throws PeerLost {
        String table = facts.terms().listener().session().bareLf();
        if (table.isEmpty()) {
            return true;
        }
        return switch (facts.services().lka().mayEndWithLf(table, facts.client().address())) {
            case FOUND -> {
                facts = facts.lax();
                reader = new LineReader(stream.input(), facts.terms().lineEnds());
                yield true;
            }
            case NOT_FOUND -> true;
            case TEMPFAIL -> false;
        };
    }

    /// Shakes hands for TLS; false if that has failed, which ends the session. What was buffered in
    /// clear is gone with the old reader (RFC 3207 §4.2).
    private boolean secure() throws IOException {
        replies.flush();
        Memory memory = facts.services().memory();
        if (!memory.tryTake(Memory.Need.HANDSHAKE)) {
            facts.log().tlsFailed(facts.id(), "not enough memory now");
            reason = "tls-accept-failed";
            return false;
        }
        stream.limit(Limits.HANDSHAKE);
        try {
            ListenerTls.Accepted accepted = tls.accept(facts.terms().listener(), stream);
            stream = accepted.stream();
            reader = new LineReader(stream.input(), facts.terms().lineEnds());
            replies = new ReplyWriter(stream);
            facts = accepted.learn(facts);
            tellEncrypted(facts);
            return true;
        } catch (IOException e) {
            facts.log().tlsFailed(facts.id(), String.valueOf(e.getMessage()));
            reason = "tls-accept-failed";
            rude = true;
            return false;
        } finally {
            memory.give(Memory.Need.HANDSHAKE);
            stream.unlimit();
        }
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
        switch (reader.readLine(LineReader.AUTH_MAX)) {
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
        Command command = facts.terms().parser().parse(line, phase.utf8());
        Verb<?, ?> verb = Verbs.of(command.word());
        Asked asked = new Asked(verb.shown(printable(line)), verb, command);
        trace("<<<", asked.line());
        if (facts.filters().active()) {
            facts.filters().report(FilterEvent.PROTOCOL_CLIENT, told(line, command));
        }
        if (line.length() > verb.lineMax()) {
            badInput(Replies.LINE_TOO_LONG);
        } else if (reader.buffered() > 0 && isOutOfStep(verb)) {
            settle();
            if (command instanceof Command.StartTls) {
                facts.log().startTlsInjection(facts.id());
            }
            conclude(asked, Step.close(phase, Replies.OUT_OF_STEP));
        } else if (command instanceof Command.Rcpt
                && phase instanceof Phase.InTransaction
                && !facts.filters().active()) {
            group.add(asked);
            if (group.size() == Limits.RCPT_WINDOW) {
                settle();
            }
        } else {
            settle();
            if (!isOver()) {
                conclude(asked, verb.take(this, phase, command));
            }
        }
    }

    /// A line as filters may see it.
    private static String told(Bytes line, Command command) {
        if (!command.word().equals("AUTH")) {
            return line.utf8();
        }
        String[] words = line.utf8().split(" ", 3);
        return words.length < 3 ? line.utf8() : words[0] + " " + words[1] + " ********";
    }

    private boolean isOver() {
        return !reason.isEmpty();
    }

    /// Whether the client should have waited before it sent what follows this command (RFC 2920
    /// §3.1): the command may change what that means, or the client has not been told that it may
    /// send commands in groups. A local user may write a whole dialogue at once; nobody else is
    /// behind that socket. Behind QUIT whatever comes is dropped.
    ///
    /// RFC 2920 §3.1 (relaxed): NOOP, VRFY, EXPN and HELP may stand anywhere, they change nothing.
    private boolean isOutOfStep(Verb<?, ?> verb) {
        return !facts.client().isLocal()
                && !verb.word().equals("QUIT")
                && (verb.endsGroup() || !phase.extended());
    }

    /// Answers the recipients gathered so far.
    private void settle() throws IOException {
        if (group.isEmpty() || !(phase instanceof Phase.InTransaction now)) {
            return;
        }
        List<Asked> asked = List.copyOf(group);
        group.clear();
        List<Command.Rcpt> rcpts =
                asked.stream().map(Asked::command).map(Command.Rcpt.class::cast).toList();
        List<Reply> answers = RcptVerb.proceed(facts, now, rcpts);
        for (int i = 0; i < answers.size() && !isOver(); i++) {
            conclude(asked.get(i), Step.to(phase, answers.get(i)));
        }
    }

    /// Takes a step: answers, logs, counts.
    private void conclude(Asked asked, Step step) throws IOException {
        if (isOver()) {
            return;
        }
        if (!(asked.command() instanceof Command.Rcpt)) {
            budget.command();
        }
        if (step.next().accepted() > phase.accepted()) {
            budget.restore();
        }
        phase = step.next();
        boolean ended = step.then() == Step.Then.HANG_UP;
        for (Reply reply : step.replies()) {
            say(reply);
            if (reply.code() >= 400) {
                facts.log().failedCommand(facts.id(), asked.line(), reply);
            }
            budget.charge(asked.cost(reply));
            ended |= reply.code() == Replies.CLOSING;
        }
        if (step.then() == Step.Then.LEAVE) {
            reason = "quit";
        } else if (step.then() == Step.Then.SECURE) {
            secure();
        } else if (ended) {
            hangUp();
        } else if (budget.spent()) {
            limited(SmtpLimit.ERRORS, Replies.TOO_MANY_ERRORS);
        } else if (budget.tooMany()) {
            limited(SmtpLimit.COMMANDS, Replies.TOO_MANY_COMMANDS);
        }
    }

    private void limited(SmtpLimit limit, Reply reply) throws IOException {
        facts.log().limited(facts.id(), limit, facts.client(), "");
        farewell(reply);
    }

    private void badInput(Reply reply) throws IOException {
        settle();
        if (isOver()) {
            return;
        }
        say(reply);
        facts.log().badInput(facts.id(), reply);
        budget.charge(ErrorBudget.PROTOCOL);
        if (budget.spent()) {
            limited(SmtpLimit.ERRORS, Replies.TOO_MANY_ERRORS);
        }
    }

    private void farewell(Reply reply) throws IOException {
        if (!isOver()) {
            say(reply);
            hangUp();
        }
    }

    @Override
    public Facts facts() {
        return facts;
    }

    @Override
    public void learn(Facts known) {
        if (!facts.encryption().isOn()) {
            tellEncrypted(known);
        }
        facts = known;
    }

    @Override
    public void prompt(Reply reply) throws IOException {
        say(reply);
        replies.flush();
    }

    @Override
    public void flush() throws IOException {
        replies.flush();
    }

    @Override
    public LineReader input() {
        return reader;
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
                if (facts.filters().active()) {
                    facts.filters().report(FilterEvent.TIMEOUT);
                }
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
        if (facts.filters().active()) {
            for (String line : new String(reply.wire(), StandardCharsets.UTF_8).split("\r\n", 0)) {
                facts.filters().report(FilterEvent.PROTOCOL_SERVER, line);
            }
            facts.filters().replied();
        }
    }

    private void trace(String direction, String text) {
        if (Traces.on("smtp")) {
            LOG.info("smtp: {} {} {}", facts.id(), direction, text);
        }
    }

    private static String printable(Bytes line) {
        return Printable.escape(line.array(), line.offset(), line.length(), Limits.LOGGED);
    }
}
