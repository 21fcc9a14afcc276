package smtpd.filter;

import smtpd.filter.wire.ProtocolException;

import java.util.List;

/// A kind of report, and how its fields are read.
///
/// @param <R> what is heard
public final class Event<R extends Report> {
    /// A connection.
    public static final Event<Report.LinkConnect> LINK_CONNECT =
            new Event<>(
                    "link-connect",
                    4,
                    it -> new Report.LinkConnect(it.at(0), it.fcrdns(1), it.at(2), it.closed(3)));

    /// The greeting.
    public static final Event<Report.LinkGreeting> LINK_GREETING =
            new Event<>("link-greeting", 1, it -> new Report.LinkGreeting(it.closed(0)));

    /// HELO or EHLO.
    public static final Event<Report.LinkIdentify> LINK_IDENTIFY =
            new Event<>("link-identify", 2, it -> new Report.LinkIdentify(it.at(0), it.at(1)));

    /// TLS.
    public static final Event<Report.LinkTls> LINK_TLS =
            new Event<>("link-tls", 1, it -> new Report.LinkTls(it.closed(0)));

    /// The end of an authentication.
    public static final Event<Report.LinkAuth> LINK_AUTH =
            new Event<>("link-auth", 2, it -> new Report.LinkAuth(it.auth(0), it.at(1)));

    /// The end.
    public static final Event<Report.LinkDisconnect> LINK_DISCONNECT =
            new Event<>("link-disconnect", 0, _ -> new Report.LinkDisconnect());

    /// A reset.
    public static final Event<Report.TxReset> TX_RESET =
            new Event<>("tx-reset", 1, it -> new Report.TxReset(it.closed(0)));

    /// The beginning of a transaction.
    public static final Event<Report.TxBegin> TX_BEGIN =
            new Event<>("tx-begin", 1, it -> new Report.TxBegin(it.closed(0)));

    /// An answer to MAIL.
    public static final Event<Report.TxMail> TX_MAIL =
            new Event<>("tx-mail", 3, it -> new Report.TxMail(it.at(0), it.result(1), it.at(2)));

    /// An answer to RCPT.
    public static final Event<Report.TxRcpt> TX_RCPT =
            new Event<>("tx-rcpt", 3, it -> new Report.TxRcpt(it.at(0), it.result(1), it.at(2)));

    /// An envelope.
    public static final Event<Report.TxEnvelope> TX_ENVELOPE =
            new Event<>("tx-envelope", 2, it -> new Report.TxEnvelope(it.at(0), it.closed(1)));

    /// An answer to DATA.
    public static final Event<Report.TxContent> TX_DATA =
            new Event<>("tx-data", 2, it -> new Report.TxContent(it.at(0), it.result(1)));

    /// A message that is taken.
    public static final Event<Report.TxCommit> TX_COMMIT =
            new Event<>("tx-commit", 2, it -> new Report.TxCommit(it.at(0), it.number(1)));

    /// A message that is not.
    public static final Event<Report.TxRollback> TX_ROLLBACK =
            new Event<>("tx-rollback", 1, it -> new Report.TxRollback(it.closed(0)));

    /// A line of the client.
    public static final Event<Report.ProtocolClient> PROTOCOL_CLIENT =
            new Event<>("protocol-client", 1, it -> new Report.ProtocolClient(it.at(0)));

    /// A line of the server.
    public static final Event<Report.ProtocolServer> PROTOCOL_SERVER =
            new Event<>("protocol-server", 1, it -> new Report.ProtocolServer(it.at(0)));

    /// What a filter says.
    public static final Event<Report.FilterReport> FILTER_REPORT =
            new Event<>(
                    "filter-report",
                    3,
                    it -> new Report.FilterReport(it.at(0), it.at(1), it.at(2)));

    /// What a filter decides.
    public static final Event<Report.FilterResponse> FILTER_RESPONSE =
            new Event<>(
                    "filter-response",
                    3,
                    it -> new Report.FilterResponse(it.at(0), it.at(1), it.atOrEmpty(2)));

    /// A client that was silent.
    public static final Event<Report.Timeout> TIMEOUT =
            new Event<>("timeout", 0, _ -> new Report.Timeout());

    private static final List<Event<?>> ALL =
            List.of(
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
                    TIMEOUT);

    private final String word;
    private final int fields;
    private final Reading<R> reading;

    @FunctionalInterface
    private interface Reading<R> {
        R read(Fields fields) throws ProtocolException;
    }

    private Event(String word, int fields, Reading<R> reading) {
        this.word = word;
        this.fields = fields;
        this.reading = reading;
    }

    /// Every event of protocol 0.7.
    public static List<Event<?>> all() {
        return ALL;
    }

    /// Its name in the protocol.
    public String word() {
        return word;
    }

    /// Reads a report.
    ///
    /// @param rest everything behind the session; what later versions add is left out
    public R read(String rest) throws ProtocolException {
        return reading.read(new Fields(word, rest, fields));
    }

    @Override
    public String toString() {
        return word;
    }
}
