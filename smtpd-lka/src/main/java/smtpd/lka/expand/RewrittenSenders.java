package smtpd.lka.expand;

import smtpd.core.mail.MailAddr;
import smtpd.lka.srs.Srs;

/// Who knows the sender behind an address that we gave forwarded mail.
@FunctionalInterface
public interface RewrittenSenders {
    /// What a recipient of a report stands for.
    Srs.Decoded decode(MailAddr rcpt);
}
