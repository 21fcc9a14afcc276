package smtpd.smtp.verb;

import smtpd.core.smtp.Command;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

/// NOOP (RFC 5321 §4.1.1.9).
final class NoopVerb extends Verb<Phase, Command.Noop> {
    NoopVerb() {
        super("NOOP", Phase.class, Command.Noop.class);
    }

    @Override
    protected Step proceed(Talk talk, Phase phase, Command.Noop command) {
        return Step.to(phase, Replies.OK);
    }
}
