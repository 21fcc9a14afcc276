package smtpd.core.mail;

/// A mail address as a value: local part and domain, the null sender being both empty.
///
/// The local part is kept as it was written on the wire (a quoted local part keeps its quotes), so
/// that it round-trips byte for byte through queue, reports and log. Syntax is `smtpd.core.smtp`'s
/// business.
///
/// @param user the local part, with quotes when it was quoted
/// @param domain the domain or address literal; empty only with an empty user (null sender) or a
///   bare local name
public record MailAddr(String user, String domain) {
    /// The null reverse-path `<>` (RFC 5321 §4.5.5).
    public static final MailAddr NULL = new MailAddr("", "");

    /// Splits at the last `@`; a text without `@` is a bare user.
    public static MailAddr of(String text) {
        int at = text.lastIndexOf('@');
        return at < 0
                ? new MailAddr(text, "")
                : new MailAddr(text.substring(0, at), text.substring(at + 1));
    }

    /// Whether this is the null reverse-path.
    public boolean isNull() {
        return user.isEmpty() && domain.isEmpty();
    }

    /// Same mailbox: domains compare without case and U-labels like their A-labels (RFC 5890
    /// §2.3.2.4), local parts exactly.
    public boolean sameMailbox(MailAddr other) {
        return user.equals(other.user) && domainKey().equals(other.domainKey());
    }

    /// The domain as it is compared and looked up: in lower case, with A-labels.
    public String domainKey() {
        return Idna.key(domain);
    }

    /// The same mailbox with its domain in ASCII: whoever does not know SMTPUTF8 takes it if the
    /// local part is ASCII too.
    public MailAddr withAsciiDomain() {
        return Idna.isAscii(domain) ? this : new MailAddr(user, Idna.key(domain));
    }

    /// Whether nobody needs SMTPUTF8 to name it.
    public boolean isAscii() {
        return Idna.isAscii(user) && Idna.isAscii(domain);
    }

    /// `user@domain`, `user` without a domain, the empty text for the null sender.
    @Override
    public String toString() {
        return domain.isEmpty() ? user : user + "@" + domain;
    }
}
