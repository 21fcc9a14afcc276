package smtpd.smtp.verb;

import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;

/// RSET (RFC 5321 §4.1.1.5): ends the transaction, if there is one.
public final class RsetVerb {
    private RsetVerb() {}

    /// Ends the transaction.
    public static Step proceed(Phase phase) {
        return Step.to(
                switch (phase) {
                    case Phase.Greeted it -> it;
                    case Phase.Identified it -> it;
                    case Phase.InTransaction it -> {
                        it.tx().rollback();
                        yield it.outside();
                    }
                },
                Replies.RESET);
    }
}
