package smtpd.smtp.verb;

import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;

/// VRFY (RFC 5321 §3.5.3, §7.3): users are not told to strangers.
public final class VrfyVerb {
    private VrfyVerb() {}

    /// Neither confirms nor denies.
    public static Step proceed(Phase phase) {
        return Step.to(phase, Replies.CANNOT_VERIFY);
    }
}
