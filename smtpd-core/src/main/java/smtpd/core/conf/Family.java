package smtpd.core.conf;

/// Which address families are used.
public enum Family {
    ANY,
    INET4,
    INET6
}
