package smtpd.smtp.verb;

import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;

/// ETRN (RFC 1985): no client may start a queue run; its argument is not even looked at.
public final class EtrnVerb {
    private EtrnVerb() {}

    /// Refuses.
    public static Step proceed(Phase phase) {
        return Step.to(phase, Replies.NODE_NOT_ALLOWED);
    }
}
