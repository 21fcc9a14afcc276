package smtpd.lka.expand;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;

import java.time.Duration;
import java.util.List;

/// What became of a recipient.
///
/// @param result accepted or refused
/// @param warnings for the log: what was ignored on the way
public record Expansion(Result result, List<String> warnings) {
    public Expansion {
        warnings = List.copyOf(warnings);
    }

    /// Accepted as a whole or refused as a whole.
    public sealed interface Result {
        /// One delivery for each distinct target; at least one.
        record Accepted(List<Delivery> deliveries) implements Result {}

        /// Refused, for now (4xx) or for good (5xx).
        ///
        /// @param code reply code
        /// @param status enhanced status code, or empty
        /// @param text reply text without the recipient
        /// @param reason why, for the log
        record Refused(int code, String status, String text, String reason) implements Result {}
    }

    /// One envelope to be.
    ///
    /// @param target what to do
    /// @param dest the address it came down to
    /// @param ttl the action's; zero for the queue's
    /// @param internal whether an expansion made it
    public record Delivery(Envelope.Target target, MailAddr dest, Duration ttl, boolean internal) {}
}
