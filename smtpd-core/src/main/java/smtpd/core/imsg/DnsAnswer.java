package smtpd.core.imsg;

/// What a DNS lookup came to.
public enum DnsAnswer {
    /// There are addresses.
    FOUND,
    /// The name does not exist.
    NO_DOMAIN,
    /// The name is not a valid name.
    INVALID,
    /// The domain takes no mail (RFC 7505).
    NULL_MX,
    /// The name exists and has no address.
    NO_ADDRESS,
    /// DNS did not answer.
    TEMPFAIL
}
