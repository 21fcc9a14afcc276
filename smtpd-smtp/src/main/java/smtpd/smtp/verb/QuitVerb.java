package smtpd.smtp.verb;

import smtpd.core.imsg.FilterPhase;
import smtpd.core.smtp.Command;
import smtpd.smtp.protocol.Hook;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

import java.util.List;
import java.util.Optional;

/// QUIT (RFC 5321 §4.1.1.10): ends the session, and a transaction that is open.
final class QuitVerb extends Verb<Phase, Command.Quit> {
    QuitVerb() {
        super("QUIT", Phase.class, Command.Quit.class);
    }

    @Override
    protected Optional<Hook> hook(Phase phase, Command.Quit command) {
        return Optional.of(Hook.of(FilterPhase.QUIT));
    }

    @Override
    protected Step proceed(Talk talk, Phase phase, Command.Quit command) {
        return new Step(phase.reset(), List.of(Replies.BYE), Step.Then.LEAVE);
    }
}
