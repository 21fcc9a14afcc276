package smtpd.smtp.verb;

import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.smtp.Command;
import smtpd.core.smtp.Received.Dialect;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Hello;
import smtpd.smtp.protocol.Hook;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// HELO and EHLO (RFC 5321 §4.1.1.1), and LHLO (RFC 2033 §4.1). A repeated one ends the transaction
/// and begins anew (RFC 5321 §4.1.4). OpenSMTPD: it is refused.
final class HelloVerb extends Verb<Phase, Command.Greeting> {
    private final Dialect dialect;

    HelloVerb(Dialect dialect) {
        super(word(dialect), Phase.class, Command.Greeting.class);
        this.dialect = dialect;
    }

    private static String word(Dialect dialect) {
        return switch (dialect) {
            case SMTP -> "HELO";
            case ESMTP -> "EHLO";
            case LMTP -> "LHLO";
        };
    }

    @Override
    protected Optional<Reply> check(Facts facts, Phase phase, Command.Greeting command) {
        // RFC 2033 §4.1
        boolean lmtp = dialect == Dialect.LMTP;
        return lmtp == facts.terms().lmtp() ? Optional.empty() : Optional.of(Replies.UNRECOGNIZED);
    }

    @Override
    protected Optional<Hook> hook(Phase phase, Command.Greeting command) {
        FilterPhase asked = dialect == Dialect.SMTP ? FilterPhase.HELO : FilterPhase.EHLO;
        return Optional.of(new Hook(asked, command.name(), word() + " "));
    }

    @Override
    protected Step proceed(Talk talk, Phase phase, Command.Greeting command) {
        Facts facts = talk.facts();
        if (facts.filters().active()) {
            facts.filters().report(FilterEvent.LINK_IDENTIFY, word(), command.name());
        }
        Hello hello = new Hello(dialect, command.name());
        List<String> lines = new ArrayList<>();
        lines.add(Replies.pleased(facts, hello.name()));
        if (hello.extended()) {
            lines.addAll(Verbs.keywords(facts));
        }
        return Step.to(
                new Phase.Identified(hello, phase.reset().accepted()), new Reply(250, null, lines));
    }

    @Override
    public boolean endsGroup() {
        return true;
    }
}
