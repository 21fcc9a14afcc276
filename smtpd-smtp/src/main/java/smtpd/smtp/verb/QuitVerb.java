package smtpd.smtp.verb;

import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;

/// QUIT (RFC 5321 §4.1.1.10): ends the session, and a transaction that is open.
public final class QuitVerb {
    private QuitVerb() {}

    /// Ends the session.
    public static Step proceed(Phase phase) {
        return Step.close(phase, Replies.BYE);
    }
}
