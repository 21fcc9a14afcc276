package smtpd.lka.filter;

import smtpd.core.conf.FilterConf;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.imsg.FilterVerdict;
import smtpd.core.imsg.FilterVerdict.Kind;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// One question to the filters of a session, which are asked one after the other: the first
/// decision other than to proceed ends it. Pure.
final class Evaluation {
    /// What becomes of a reply that is none (OpenSMTPD: the same).
    static final String NO_REPLY = "421 Internal server error";

    /// What a client is told when a filter does not answer.
    static final String NOT_NOW = "451 4.3.0 Temporary failure";

    /// The same where nothing but the end of the session can be said.
    static final String UNAVAILABLE = "421 4.3.0 Temporary failure";

    private static final Pattern REPLY = Pattern.compile("[45][0-9][0-9]( .*)?", Pattern.DOTALL);

    private final List<FilterConf> members;
    private final FilterPhase phase;
    private int index;
    private boolean asked;
    private Next outcome = new Next.Done(FilterVerdict.PROCEED);
    private boolean decided;

    /// What comes next.
    sealed interface Next {
        /// A test of the configuration is to be made.
        record Test(FilterConf.Builtin filter) implements Next {}

        /// A program is to be asked.
        record Ask(FilterConf.Program filter) implements Next {}

        /// It is over.
        record Done(FilterVerdict verdict) implements Next {}
    }

    /// @param members the filters, none of them a chain
    /// @param phase where they are asked
    Evaluation(List<FilterConf> members, FilterPhase phase) {
        this.members = members;
        this.phase = phase;
    }

    /// The phase.
    FilterPhase phase() {
        return phase;
    }

    /// Whether any filter had a say.
    boolean asked() {
        return asked;
    }

    /// What is to be done next; each step is to be answered before the next.
    ///
    /// @param wants whether a program has registered for the phase
    Next next(Predicate<FilterConf.Program> wants) {
        while (!decided && index < members.size()) {
            FilterConf member = members.get(index++);
            switch (member) {
                case FilterConf.Builtin it when phase.word().equals(it.phase().word()) -> {
                    asked = true;
                    return new Next.Test(it);
                }
                case FilterConf.Program it when wants.test(it) -> {
                    asked = true;
                    return new Next.Ask(it);
                }
                case FilterConf.Builtin _, FilterConf.Program _ -> {}
                case FilterConf.Chain _ -> throw new IllegalStateException("a chain in a chain");
            }
        }
        return outcome;
    }

    /// A test came out true.
    void matched(FilterConf.Builtin filter) {
        String text = filter.decision().text();
        switch (filter.decision().verb()) {
            case JUNK -> decide(new Decision(Decision.Verb.JUNK, ""));
            case BYPASS -> end(FilterVerdict.PROCEED);
            case REJECT -> decide(new Decision(Decision.Verb.REJECT, text));
            case DISCONNECT -> decide(new Decision(Decision.Verb.DISCONNECT, text));
            case REWRITE -> decide(new Decision(Decision.Verb.REWRITE, text));
            case REPORT -> decide(new Decision(Decision.Verb.REPORT, text));
        }
    }

    /// A filter has decided. A report changes nothing; it is for the caller to pass on.
    void decide(Decision decision) {
        switch (decision.verb()) {
            case PROCEED, REPORT -> {}
            case JUNK -> {
                if (phase != FilterPhase.COMMIT) {
                    end(new FilterVerdict(Kind.JUNK, ""));
                }
            }
            case REJECT -> end(refusal(Kind.REJECT, decision.text()));
            case DISCONNECT -> end(refusal(Kind.DISCONNECT, decision.text()));
            case REWRITE -> end(new FilterVerdict(Kind.REWRITE, decision.text()));
        }
    }

    /// A filter has not answered, or cannot be asked. What only ends something is never refused for
    /// that.
    void fail(FilterConf.Fail policy) {
        boolean harmless =
                switch (phase) {
                    case RSET, QUIT, NOOP, HELP, WIZ -> true;
                    case CONNECT,
                            HELO,
                            EHLO,
                            STARTTLS,
                            AUTH,
                            MAIL_FROM,
                            RCPT_TO,
                            DATA,
                            DATA_LINE,
                            COMMIT ->
                            false;
                };
        if (policy == FilterConf.Fail.TEMPFAIL && !harmless) {
            end(
                    phase == FilterPhase.CONNECT
                            ? new FilterVerdict(Kind.DISCONNECT, UNAVAILABLE)
                            : new FilterVerdict(Kind.REJECT, NOT_NOW));
        }
    }

    private void end(FilterVerdict verdict) {
        decided = true;
        outcome = new Next.Done(verdict);
    }

    private static FilterVerdict refusal(Kind kind, String text) {
        if (!REPLY.matcher(text).matches()) {
            return new FilterVerdict(Kind.DISCONNECT, NO_REPLY);
        }
        return new FilterVerdict(text.startsWith("421") ? Kind.DISCONNECT : kind, text);
    }
}
