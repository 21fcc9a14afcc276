package smtpd.smtp.verb;

import smtpd.core.smtp.Command;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

import java.util.Optional;

/// HELP (RFC 5321 §4.1.1.8).
final class HelpVerb extends Verb<Phase, Command.Help> {
    HelpVerb() {
        super("HELP", Phase.class, Command.Help.class);
    }

    @Override
    protected Step proceed(Talk talk, Phase phase, Command.Help command) {
        return Step.to(phase, Replies.HELP);
    }

    @Override
    public Optional<String> keyword(Facts facts) {
        return Optional.of("HELP");
    }
}
