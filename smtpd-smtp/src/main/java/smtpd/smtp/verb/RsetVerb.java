package smtpd.smtp.verb;

import smtpd.core.imsg.FilterPhase;
import smtpd.core.smtp.Command;
import smtpd.smtp.protocol.Hook;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

import java.util.Optional;

/// RSET (RFC 5321 §4.1.1.5): ends the transaction, if there is one.
final class RsetVerb extends Verb<Phase, Command.Rset> {
    RsetVerb() {
        super("RSET", Phase.class, Command.Rset.class);
    }

    @Override
    protected Optional<Hook> hook(Phase phase, Command.Rset command) {
        return Optional.of(Hook.of(FilterPhase.RSET));
    }

    @Override
    protected Step proceed(Talk talk, Phase phase, Command.Rset command) {
        return Step.to(phase.reset(), Replies.RESET);
    }
}
