package smtpd.core.conf;

/// What the SMTP server accepts (`smtp …`).
///
/// @param maxMessageSize in bytes
/// @param maxMails messages in one session
/// @param maxRcpt recipients in one transaction
/// @param ciphers the default cipher list of listeners; empty for the library's own
/// @param subAddrDelim separates user and tag in a local part, one character
/// @param limits what one client may have of the server
public record SmtpOptions(
        long maxMessageSize,
        int maxMails,
        int maxRcpt,
        String ciphers,
        String subAddrDelim,
        SmtpLimits limits) {
    /// Options with the usual limits.
    public SmtpOptions(
            long maxMessageSize, int maxMails, int maxRcpt, String ciphers, String subAddrDelim) {
        this(maxMessageSize, maxMails, maxRcpt, ciphers, subAddrDelim, SmtpLimits.DEFAULT);
    }

    /// 35 MiB, 100 messages, 1000 recipients, `+` (OpenSMTPD: the same).
    public static final SmtpOptions DEFAULT = new SmtpOptions(36_700_160, 100, 1000, "", "+");
}
