package smtpd.smtp.verb;

import smtpd.core.smtp.Command;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

/// BDAT (RFC 3030 §2).
final class BdatVerb extends Verb<Phase, Command.Bdat> {
    BdatVerb() {
        super("BDAT", Phase.class, Command.Bdat.class);
    }

    @Override
    protected Step proceed(Talk talk, Phase phase, Command.Bdat command) {
        return Step.close(phase, Replies.NOT_IMPLEMENTED);
    }

    /// What follows BDAT is content, not commands; of how many octets is not known.
    @Override
    protected Step refuse(Talk talk, Phase phase, Reply reply) {
        return Step.close(phase, reply);
    }
}
