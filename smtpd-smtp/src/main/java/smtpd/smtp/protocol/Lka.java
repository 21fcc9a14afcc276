package smtpd.smtp.protocol;

import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.RcptQuery;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.Secret;
import smtpd.core.proc.PeerLost;
import smtpd.core.smtp.Reply;

import java.util.List;

/// lka as a session sees it: calls that wait.
public interface Lka {
    /// The reverse name of `address`, or `<unknown>`, and whether it leads back.
    ///
    /// @throws PeerLost when lka cannot answer now
    LkaToSmtp.ClientName client(String address) throws PeerLost;

    /// The server's name at an address of its own: found, not found, not now.
    ///
    /// @param table the listener's `hostnames`
    /// @throws PeerLost when lka cannot answer now
    LkaToSmtp.Hostname hostname(String table, String address) throws PeerLost;

    /// Whether a client is on a list of those whose bare LF ends a line.
    ///
    /// @param table the listener's `bare-lf`
    LookupAnswer mayEndWithLf(String table, String address) throws PeerLost;

    /// Whether a password fits.
    ///
    /// @param table the listener's credentials; empty for the system's users
    /// @throws PeerLost when lka cannot answer now
    LookupAnswer authenticate(String table, String user, Secret password) throws PeerLost;

    /// What a client needs for a proof.
    ///
    /// @throws PeerLost when lka cannot answer now
    LkaToSmtp.ScramSalted salt(String table, String user) throws PeerLost;

    /// Whether a proof is one.
    ///
    /// @throws PeerLost when lka cannot answer now
    LkaToSmtp.ScramChecked prove(String table, String user, String message, Bytes proof)
            throws PeerLost;

    /// Whether a user may send as somebody.
    ///
    /// @param table the listener's `senders`
    /// @throws PeerLost when lka cannot answer now
    LookupAnswer permits(String table, String user, MailAddr sender) throws PeerLost;

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
