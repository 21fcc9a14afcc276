package smtpd.smtp.verb;

import smtpd.core.mail.MailAddr;
import smtpd.smtp.protocol.Facts;

/// Addresses as they are meant.
final class Addresses {
    private Addresses() {}

    /// The listener's own name stands in for a missing domain (RFC 5321 §4.1.1.3: `<postmaster>`).
    static MailAddr complete(MailAddr address, Facts facts) {
        return address.isNull() || !address.domain().isEmpty()
                ? address
                : new MailAddr(address.user(), facts.terms().hostname());
    }
}
