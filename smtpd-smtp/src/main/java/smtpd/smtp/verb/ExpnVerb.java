package smtpd.smtp.verb;

import smtpd.core.smtp.Command;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.ErrorBudget;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

/// EXPN (RFC 5321 §3.5.3, §7.3): lists are not told to strangers.
final class ExpnVerb extends Verb<Phase, Command.Expn> {
    ExpnVerb() {
        super("EXPN", Phase.class, Command.Expn.class);
    }

    @Override
    protected Step proceed(Talk talk, Phase phase, Command.Expn command) {
        return Step.to(phase, Replies.NOT_IMPLEMENTED);
    }

    /// Only probes ask.
    @Override
    public int cost(Reply reply) {
        return ErrorBudget.PROTOCOL;
    }
}
