package smtpd.lka.expand;

import smtpd.lka.expand.Expansion.Result.Refused;

/// What a client is told about a recipient that is not accepted (OpenSMTPD: the same words).
final class Refusals {
    private Refusals() {}

    /// No rule, a rule that rejects, or no such user.
    static Refused invalid(String reason) {
        return new Refused(550, "", "Invalid recipient", reason);
    }

    /// An address of ours that is forged or out of date (RFC 3463 §3.8: security).
    static Refused untrue(String reason) {
        return new Refused(550, "5.7.1", "Invalid recipient", reason);
    }

    /// A lookup could not answer.
    static Refused notNow(String reason) {
        return new Refused(451, "", "Temporary failure", reason);
    }

    /// The expansion leads nowhere.
    static Refused list(String reason) {
        return new Refused(524, "5.2.4", "Mailing list expansion problem", reason);
    }

    /// The expansion leads nowhere because of something its owner can mend.
    static Refused listNow(String reason) {
        return new Refused(424, "4.2.4", "Mailing list expansion problem", reason);
    }

    /// The expansion leads back to itself and nowhere else (OpenSMTPD: 524).
    static Refused loop(String reason) {
        return new Refused(554, "5.4.6", "Loop detected", reason);
    }
}
