package smtpd.core.smtp;

/// The BODY parameter of MAIL (RFC 6152 §3, RFC 3030 §3).
public enum BodyType {
    /// Not given.
    UNSPECIFIED(""),
    /// 7-bit lines.
    SEVEN_BIT("7BIT"),
    /// Lines of any octets but NUL.
    EIGHT_BIT_MIME("8BITMIME"),
    /// Any octets; only with BDAT.
    BINARY_MIME("BINARYMIME");

    private final String keyword;

    BodyType(String keyword) {
        this.keyword = keyword;
    }

    /// The word on the wire; empty for [#UNSPECIFIED].
    public String keyword() {
        return keyword;
    }
}
