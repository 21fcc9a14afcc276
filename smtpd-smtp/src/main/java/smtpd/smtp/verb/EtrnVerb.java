package smtpd.smtp.verb;

import smtpd.core.smtp.Command;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.ErrorBudget;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

/// ETRN (RFC 1985): no client may start a queue run; its argument is not even looked at.
final class EtrnVerb extends Verb<Phase, Command.Etrn> {
    EtrnVerb() {
        super("ETRN", Phase.class, Command.Etrn.class);
    }

    @Override
    protected Step proceed(Talk talk, Phase phase, Command.Etrn command) {
        return Step.to(phase, Replies.NODE_NOT_ALLOWED);
    }

    /// Only probes ask.
    @Override
    public int cost(Reply reply) {
        return ErrorBudget.PROTOCOL;
    }
}
