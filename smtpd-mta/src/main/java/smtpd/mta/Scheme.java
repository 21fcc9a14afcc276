package smtpd.mta;

import java.util.Optional;

/// How a server is spoken to, as the schema of a relay URL says (smtpd.conf(5)).
public enum Scheme {
    /// SMTP, encrypted when the server offers it.
    SMTP("smtp", 25, Security.OPPORTUNISTIC),
    /// SMTP, encrypted by STARTTLS, certificate verified.
    SMTP_TLS("smtp+tls", 25, Security.VERIFIED),
    /// SMTP, encrypted by STARTTLS, certificate not looked at: `tls no-verify`.
    SMTP_TLS_ANY("smtp+tls", 25, Security.REQUIRED),
    /// SMTP, never encrypted.
    SMTP_NOTLS("smtp+notls", 25, Security.NONE),
    /// SMTP over TLS from the first byte, certificate verified.
    SMTPS("smtps", 465, Security.VERIFIED),
    /// SMTP over TLS from the first byte, certificate not looked at: `tls no-verify`.
    SMTPS_ANY("smtps", 465, Security.REQUIRED),
    /// LMTP (RFC 2033), never encrypted; its port must be written.
    LMTP("lmtp", 0, Security.NONE);

    private final String word;
    private final int port;
    private final Security security;

    /// What a session owes the mail in its care.
    public enum Security {
        /// In clear, always.
        NONE,
        /// Encrypted if the server can.
        OPPORTUNISTIC,
        /// Encrypted, or not sent.
        REQUIRED,
        /// Encrypted with a verified certificate, or not sent.
        VERIFIED;

        /// Whether mail must not go out in clear.
        public boolean needsTls() {
            return this == REQUIRED || this == VERIFIED;
        }
    }

    Scheme(String word, int port, Security security) {
        this.word = word;
        this.port = port;
        this.security = security;
    }

    /// The schema as it is written and logged.
    public String word() {
        return word;
    }

    /// The port when none is written; 0 where one must be.
    public int port() {
        return port;
    }

    /// What a session owes the mail in its care.
    public Security security() {
        return security;
    }

    /// Whether the first byte is encrypted already (RFC 8314 §3.3).
    public boolean isImplicitTls() {
        return this == SMTPS || this == SMTPS_ANY;
    }

    /// What becomes of it where the action demands TLS (`tls`, `tls no-verify`): empty for one that
    /// never encrypts.
    ///
    /// @param verified whether the certificate counts
    Optional<Scheme> demanded(boolean verified) {
        return switch (this) {
            case SMTP, SMTP_TLS, SMTP_TLS_ANY -> Optional.of(verified ? SMTP_TLS : SMTP_TLS_ANY);
            case SMTPS, SMTPS_ANY -> Optional.of(verified ? SMTPS : SMTPS_ANY);
            case SMTP_NOTLS, LMTP -> Optional.empty();
        };
    }

    static Optional<Scheme> of(String word) {
        return switch (word) {
            case "smtp" -> Optional.of(SMTP);
            case "smtp+tls" -> Optional.of(SMTP_TLS);
            case "smtp+notls" -> Optional.of(SMTP_NOTLS);
            case "smtps" -> Optional.of(SMTPS);
            case "lmtp" -> Optional.of(LMTP);
            default -> Optional.empty();
        };
    }
}
