package smtpd.smtp.verb;

import smtpd.core.smtp.Command;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

/// Whatever is no command. A request of HTTP ends the session: someone made a web client talk to
/// us, and more of its lines may look like commands.
final class Unserved extends Verb<Phase, Command> {
    static final Unserved VERB = new Unserved();

    private Unserved() {
        super("", Phase.class, Command.class);
    }

    @Override
    protected Step proceed(Talk talk, Phase phase, Command command) {
        return command instanceof Command.Http
                ? Step.close(phase, Replies.UNRECOGNIZED)
                : Step.to(phase, Replies.UNRECOGNIZED);
    }
}
