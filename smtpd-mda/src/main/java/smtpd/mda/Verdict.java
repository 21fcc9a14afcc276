package smtpd.mda;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.Outcome;

/// How the delivery to one recipient ended.
///
/// @param outcome the outcome
/// @param status its enhanced status code
/// @param cause what kind of failure, in front of the text in the log; may be empty
/// @param text the explanation, one printable line, bounded
public record Verdict(Outcome outcome, Esc status, String cause, String text) {
    /// Longest explanation: what the queue keeps of it.
    static final int TEXT_MAX = 1024;

    /// Delivered.
    public static final Verdict DELIVERED =
            new Verdict(Outcome.OK, new Esc(2, 0, 0), "", "Delivered");

    /// The message has been in this mailbox before.
    public static final Verdict LOOP =
            new Verdict(Outcome.LOOP, new Esc(5, 4, 6), "", "Loop detected");

    /// Keeps the text printable and bounded, whoever wrote it.
    public Verdict {
        text = smtpd.core.smtp.Printable.escape(text, TEXT_MAX);
    }

    /// Not now.
    public static Verdict tempfail(String status, String text) {
        return new Verdict(Outcome.TEMPFAIL, Esc.parse(status), "", text);
    }

    /// Never.
    public static Verdict permfail(String status, String text) {
        return new Verdict(Outcome.PERMFAIL, Esc.parse(status), "", text);
    }

    /// The `stat=` of the log line.
    public String stat() {
        return switch (outcome) {
            case OK, LOOP -> text;
            case TEMPFAIL, PERMFAIL ->
                    "Error (" + (cause.isEmpty() ? "" : cause + ": ") + text + ")";
        };
    }

    /// The verdict as the queue is told of it.
    DeliveryResult of(EvpId id) {
        return new DeliveryResult(id, outcome, status, text, false);
    }
}
