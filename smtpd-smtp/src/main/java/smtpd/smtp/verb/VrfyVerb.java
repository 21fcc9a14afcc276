package smtpd.smtp.verb;

import smtpd.core.smtp.Command;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.ErrorBudget;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

/// VRFY (RFC 5321 §3.5.3, §7.3): users are not told to strangers.
final class VrfyVerb extends Verb<Phase, Command.Vrfy> {
    VrfyVerb() {
        super("VRFY", Phase.class, Command.Vrfy.class);
    }

    @Override
    protected Step proceed(Talk talk, Phase phase, Command.Vrfy command) {
        return Step.to(phase, Replies.CANNOT_VERIFY);
    }

    /// Only probes ask.
    @Override
    public int cost(Reply reply) {
        return ErrorBudget.PROTOCOL;
    }
}
