package smtpd.filter;

/// What can be looked up.
public enum DnsType {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    AAAA,
    /// Mail servers: preference, `|`, name.
    MX,
    /// Texts.
    TXT,
    /// Names of an address, which may be asked for as such.
    PTR
}
