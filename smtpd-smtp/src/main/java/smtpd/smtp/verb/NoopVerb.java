package smtpd.smtp.verb;

import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;

/// NOOP (RFC 5321 §4.1.1.9).
public final class NoopVerb {
    private NoopVerb() {}

    /// Does nothing.
    public static Step proceed(Phase phase) {
        return Step.to(phase, Replies.OK);
    }
}
