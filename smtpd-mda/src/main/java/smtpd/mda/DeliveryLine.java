package smtpd.mda;

import smtpd.core.mail.Delay;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.SessionId;

import java.time.Instant;

/// The log line of an attempt.
///
/// OpenSMTPD: `ID mda delivery evpid=… from=<…> to=<…> [rcpt=<…> ]user=… delay=… result=… stat=…`,
/// where the id is the user's, and `rcpt=` is left out when it equals `to=`.
final class DeliveryLine {
    private DeliveryLine() {}

    static String of(SessionId id, Envelope envelope, String user, Verdict verdict, Instant now) {
        String to = plain(envelope.dest().toString());
        String rcpt = plain(envelope.rcpt().toString());
        return id
                + " mda delivery evpid="
                + envelope.id()
                + " from=<"
                + plain(envelope.sender().toString())
                + "> to=<"
                + to
                + "> "
                + (rcpt.equals(to) ? "" : "rcpt=<" + rcpt + "> ")
                + "user="
                + plain(user)
                + " delay="
                + Delay.text(java.time.Duration.between(envelope.created(), now))
                + " result="
                + result(verdict)
                + " stat="
                + verdict.stat();
    }

    /// A loop is logged as what it is to the sender.
    private static String result(Verdict verdict) {
        return switch (verdict.outcome()) {
            case OK, TEMPFAIL, PERMFAIL -> verdict.outcome().logWord();
            case LOOP -> smtpd.core.mail.Outcome.PERMFAIL.logWord();
        };
    }

    private static String plain(String text) {
        return smtpd.core.smtp.Printable.escape(text, Verdict.TEXT_MAX);
    }
}
