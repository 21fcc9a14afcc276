package smtpd.core.imsg;

import java.util.Locale;

/// What filters are told of a session (OpenSMTPD: smtpd-filters(7)).
public enum FilterEvent {
    LINK_CONNECT,
    LINK_GREETING,
    LINK_IDENTIFY,
    LINK_TLS,
    LINK_AUTH,
    LINK_DISCONNECT,
    TX_RESET,
    TX_BEGIN,
    TX_MAIL,
    TX_RCPT,
    TX_ENVELOPE,
    TX_DATA,
    TX_COMMIT,
    TX_ROLLBACK,
    PROTOCOL_CLIENT,
    PROTOCOL_SERVER,
    FILTER_REPORT,
    FILTER_RESPONSE,
    TIMEOUT;

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /// Its name in the protocol.
    public String word() {
        return word;
    }
}
