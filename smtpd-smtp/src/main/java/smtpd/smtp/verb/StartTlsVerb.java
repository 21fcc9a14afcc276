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

/// STARTTLS (RFC 3207 §4).
final class StartTlsVerb extends Verb<Phase.Identified, Command.StartTls> {
    StartTlsVerb() {
        super("STARTTLS", Phase.Identified.class, Command.StartTls.class);
    }

    @Override
    protected Optional<Hook> hook(Phase.Identified phase, Command.StartTls command) {
        return Optional.of(Hook.of(FilterPhase.STARTTLS));
    }

    @Override
    protected Step proceed(Talk talk, Phase.Identified phase, Command.StartTls command) {
        return Step.to(phase, Replies.NOT_IMPLEMENTED);
    }

    @Override
    public boolean endsGroup() {
        return true;
    }
}
