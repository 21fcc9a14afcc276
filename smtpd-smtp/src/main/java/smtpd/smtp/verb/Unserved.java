package smtpd.smtp.verb;

import smtpd.core.smtp.Command;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

/// Whatever is no command. A request of HTTP ends the session: someone made a web client talk to
/// us, and more of its lines may look like commands. So does a client that wants to be taken for
/// another: who a client is, only a proxy may tell, where a listener has one, before anything else.
final class Unserved extends Verb<Phase, Command> {
    static final Unserved VERB = new Unserved();

    private Unserved() {
        super("", Phase.class, Command.class);
    }

    @Override
    protected Step proceed(Talk talk, Phase phase, Command command) {
        if (command instanceof Command.Http) {
            return Step.close(phase, Replies.UNRECOGNIZED);
        }
        return switch (command.word()) {
            case "XCLIENT", "XFORWARD" -> Step.to(phase, Replies.NOT_TRUSTED);
            case "PROXY" -> Step.close(phase, Replies.NOT_TRUSTED);
            default -> Step.to(phase, Replies.UNRECOGNIZED);
        };
    }
}
