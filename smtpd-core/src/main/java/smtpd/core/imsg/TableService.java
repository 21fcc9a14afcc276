package smtpd.core.imsg;

/// What a table is asked for (OpenSMTPD: table services).
public enum TableService {
    /// User or address to expansion.
    ALIAS,
    /// Domain membership.
    DOMAIN,
    /// User or label to credentials.
    CREDENTIALS,
    /// Network membership.
    NETADDR,
    /// User to uid, gid and home.
    USERINFO,
    /// Source addresses.
    SOURCE,
    /// Mail address membership.
    MAILADDR,
    /// Address to host name.
    ADDRNAME,
    /// User to permitted mail addresses.
    MAILADDRMAP,
    /// Relay hosts.
    RELAYHOST,
    /// String membership.
    STRING,
    /// Regular expressions.
    REGEX,
    /// Password check.
    AUTH
}
