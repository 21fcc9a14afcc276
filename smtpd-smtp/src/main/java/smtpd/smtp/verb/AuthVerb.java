package smtpd.smtp.verb;

import smtpd.core.smtp.Command;
import smtpd.core.smtp.LineReader;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

/// AUTH (RFC 4954 §4).
final class AuthVerb extends Verb<Phase.Identified, Command.Auth> {
    AuthVerb() {
        super("AUTH", Phase.Identified.class, Command.Auth.class);
    }

    @Override
    protected Step proceed(Talk talk, Phase.Identified phase, Command.Auth command) {
        return Step.to(phase, Replies.NOT_IMPLEMENTED);
    }

    @Override
    public boolean endsGroup() {
        return true;
    }

    /// RFC 4954 §4.5.1 (relaxed): an initial response may be as long as one of its own line.
    @Override
    public int lineMax() {
        return LineReader.AUTH_MAX;
    }

    /// The mechanism; the response may be a password.
    @Override
    public String shown(String line) {
        int blank = line.indexOf(' ', "AUTH ".length());
        return blank < 0 ? line : line.substring(0, blank) + " (...)";
    }
}
