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

/// NOOP (RFC 5321 §4.1.1.9).
final class NoopVerb extends Verb<Phase, Command.Noop> {
    NoopVerb() {
        super("NOOP", Phase.class, Command.Noop.class);
    }

    @Override
    protected Optional<Hook> hook(Phase phase, Command.Noop command) {
        return Optional.of(Hook.of(FilterPhase.NOOP));
    }

    @Override
    protected Step proceed(Talk talk, Phase phase, Command.Noop command) {
        return Step.to(phase, Replies.OK);
    }
}
