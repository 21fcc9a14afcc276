package smtpd.lka.dns;

/// What is asked of DNS.
public enum RecordType {
    /// IPv4 address.
    A(1),
    /// Alias.
    CNAME(5),
    /// Canonical name of a reverse zone.
    PTR(12),
    /// Mail exchanger.
    MX(15),
    /// Text.
    TXT(16),
    /// IPv6 address.
    AAAA(28),
    /// Certificate association (RFC 6698 §7.1).
    TLSA(52);

    private final int code;

    RecordType(int code) {
        this.code = code;
    }

    /// The number on the wire (RFC 1035 §3.2.2).
    int code() {
        return code;
    }
}
