package smtpd.smtp.protocol;

import smtpd.core.mail.Bytes;
import smtpd.core.smtp.Command;
import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.Reply;

import java.io.IOException;
import java.util.Optional;

/// A command of SMTP: when it may come, what it refuses ([#check], pure), what it does
/// ([#proceed]), and what EHLO says of it if it is an extension's.
///
/// A new one is a file in `smtpd.smtp.verb` and its line in `Verbs`. A command whose form
/// [smtpd.core.smtp.CommandParser] does not know comes as [Command.Unknown].
///
/// @param <P> the phase it may come in: [Phase] for any, [Phase.Identified] outside a transaction,
///   [Phase.InTransaction] within one; elsewhere 503 is answered (RFC 5321 §4.1.4)
/// @param <C> its form
public abstract class Verb<P extends Phase, C extends Command> implements Extension {
    private final String word;
    private final Class<P> when;
    private final Class<C> form;

    /// @param word its name in upper case
    protected Verb(String word, Class<P> when, Class<C> form) {
        this.word = word;
        this.when = when;
        this.form = form;
    }

    /// Its name in upper case.
    public final String word() {
        return word;
    }

    /// What forbids it, if anything does. A reply with 421 ends the session.
    protected Optional<Reply> check(Facts facts, P phase, C command) {
        return Optional.empty();
    }

    /// Where filters are asked about it before it is done; nowhere unless overridden.
    protected Optional<Hook> hook(P phase, C command) {
        return Optional.empty();
    }

    /// Does it. May talk to lka and queue, and with the client.
    protected abstract Step proceed(Talk talk, P phase, C command) throws IOException;

    /// What is answered when it is refused before it did anything.
    ///
    /// @param command as given, [Command.Malformed] included
    protected Step refuse(Talk talk, Phase phase, Command command, Reply reply) throws IOException {
        return Step.to(phase, reply);
    }

    /// Tells filters what it means that it was refused before it did anything: nothing, unless
    /// overridden.
    ///
    /// @param command as given, [Command.Malformed] included
    protected void report(Filters filters, Phase phase, Command command, Reply reply) {}

    /// Takes the command: looks whether it may come now, checks it, does it.
    public final Step take(Talk talk, Phase phase, Command command) throws IOException {
        if (command instanceof Command.Malformed it) {
            return forbid(talk, phase, it, it.reply());
        }
        if (!when.isInstance(phase)) {
            return forbid(talk, phase, command, Replies.OUT_OF_ORDER);
        }
        P now = when.cast(phase);
        C given = form.cast(command);
        Optional<Reply> refusal = check(talk.facts(), now, given);
        if (refusal.isPresent()) {
            return forbid(talk, phase, command, refusal.get());
        }
        Filters filters = talk.facts().filters();
        Optional<Hook> hook = filters.active() ? hook(now, given) : Optional.empty();
        return hook.isPresent() ? ask(talk, now, given, hook.get()) : proceed(talk, now, given);
    }

    /// Asks filters, then does it, in the form they give it.
    private Step ask(Talk talk, P phase, C command, Hook hook) throws IOException {
        Facts facts = talk.facts();
        return switch (facts.filters().ask(hook.phase(), hook.value(), facts.subject(phase))) {
            case Filters.Ruling.Proceed _ -> proceed(talk, phase, command);
            case Filters.Ruling.Rewritten _ when hook.prefix().isEmpty() ->
                    proceed(talk, phase, command);
            case Filters.Ruling.Rewritten(String value) -> {
                Command other = facts.terms().parser().parse(Bytes.of(hook.prefix() + value), true);
                if (other instanceof Command.Malformed it) {
                    yield forbid(talk, phase, command, it.reply());
                }
                Optional<Reply> refusal =
                        form.isInstance(other)
                                ? check(facts, phase, form.cast(other))
                                : Optional.of(Replies.FILTER_NONSENSE);
                yield refusal.isPresent()
                        ? forbid(talk, phase, command, refusal.get())
                        : proceed(talk, phase, form.cast(other));
            }
            case Filters.Ruling.Refused(Reply reply, boolean close) -> {
                if (!close) {
                    yield forbid(talk, phase, command, reply);
                }
                report(facts.filters(), phase, command, reply);
                yield Step.close(phase, reply);
            }
        };
    }

    private Step forbid(Talk talk, Phase phase, Command command, Reply reply) throws IOException {
        Filters filters = talk.facts().filters();
        if (filters.active()) {
            report(filters, phase, command, reply);
        }
        return refuse(talk, phase, command, reply);
    }

    /// Whether nothing may have been sent behind it before its reply (RFC 2920 §3.1): it may change
    /// what the following bytes mean.
    public boolean endsGroup() {
        return false;
    }

    /// Longest line of this command in octets without CRLF, at most [LineReader#AUTH_MAX].
    public int lineMax() {
        return LineReader.COMMAND_MAX;
    }

    /// What it costs of the [ErrorBudget] to be answered with `reply`.
    public int cost(Reply reply) {
        return reply.kind() == Reply.Kind.PERMANENT ? ErrorBudget.PROTOCOL : 0;
    }

    /// Its line as logs may show it: without what may be a password.
    public String shown(String line) {
        return line;
    }

    /// Empty: the command is no extension's, or is announced by no keyword.
    @Override
    public Optional<String> keyword(Facts facts) {
        return Optional.empty();
    }
}
