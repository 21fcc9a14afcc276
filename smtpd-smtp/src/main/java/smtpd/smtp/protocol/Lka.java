package smtpd.smtp.protocol;

import smtpd.core.imsg.RcptQuery;
import smtpd.core.mail.EvpId;
import smtpd.core.proc.PeerLost;
import smtpd.core.smtp.Reply;

import java.util.List;

/// lka as a session sees it: calls that wait.
public interface Lka {
    /// The reverse name of `address`, or `<unknown>`.
    ///
    /// @throws PeerLost when lka cannot answer now
    String name(String address) throws PeerLost;

    /// What becomes of recipients of one transaction, in the order of the queries. The envelopes of
    /// an accepted one wait in the queue for the commit.
    List<Verdict> expand(List<RcptQuery> queries);

    /// What becomes of a recipient.
    sealed interface Verdict {
        /// It is accepted.
        ///
        /// @param envelopes what it was expanded to
        record Accepted(List<EvpId> envelopes) implements Verdict {}

        /// It is refused, for now or for good.
        ///
        /// @param reply why, without naming the recipient
        record Refused(Reply reply) implements Verdict {}
    }
}
