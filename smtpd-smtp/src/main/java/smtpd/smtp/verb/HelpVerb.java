package smtpd.smtp.verb;

import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;

/// HELP (RFC 5321 §4.1.1.8).
public final class HelpVerb {
    private HelpVerb() {}

    /// Names the commands.
    public static Step proceed(Phase phase) {
        return Step.to(phase, Replies.HELP);
    }
}
