package smtpd.core.imsg;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope.Origin;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;

/// One recipient of one transaction, for the ruleset and the expansion.
///
/// @param msgid the message its envelopes will belong to
/// @param origin the session it came by
/// @param sender the reverse-path
/// @param rcpt the recipient as received
/// @param dsn the sender's wishes about reports
public record RcptQuery(MsgId msgid, Origin origin, MailAddr sender, MailAddr rcpt, Dsn dsn) {
    static void write(FrameOut out, RcptQuery value) {
        Wire.msgid(out, value.msgid());
        Wire.origin(out, value.origin());
        Wire.addr(out, value.sender());
        Wire.addr(out, value.rcpt());
        Wire.dsn(out, value.dsn());
    }

    static RcptQuery read(FrameIn in) {
        return new RcptQuery(
                Wire.msgid(in), Wire.origin(in), Wire.addr(in), Wire.addr(in), Wire.dsn(in));
    }
}
