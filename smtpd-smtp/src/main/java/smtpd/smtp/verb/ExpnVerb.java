package smtpd.smtp.verb;

import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;

/// EXPN (RFC 5321 §3.5.3, §7.3): lists are not told to strangers.
public final class ExpnVerb {
    private ExpnVerb() {}

    /// Refuses.
    public static Step proceed(Phase phase) {
        return Step.to(phase, Replies.NOT_IMPLEMENTED);
    }
}
