package smtpd.core.imsg;

/// Where in a session filters are asked (OpenSMTPD: smtpd-filters(7)).
public enum FilterPhase {
    /// Before the banner.
    CONNECT("connect", "connected"),
    HELO("helo"),
    EHLO("ehlo"),
    /// Before the handshake.
    STARTTLS("starttls", "tls"),
    AUTH("auth"),
    MAIL_FROM("mail-from"),
    RCPT_TO("rcpt-to"),
    DATA("data"),
    /// Every line of the content: not a question but a stream.
    DATA_LINE("data-line"),
    RSET("rset"),
    QUIT("quit"),
    NOOP("noop"),
    /// Can be registered for and is never asked (OpenSMTPD: the same).
    HELP("help"),
    /// As [#HELP].
    WIZ("wiz"),
    /// When the content is complete, before it is taken.
    COMMIT("commit");

    private final String word;
    private final String reported;

    FilterPhase(String word) {
        this(word, word);
    }

    FilterPhase(String word, String reported) {
        this.word = word;
        this.reported = reported;
    }

    /// Its name in the protocol.
    public String word() {
        return word;
    }

    /// Its name in the report of a decision.
    public String reported() {
        return reported;
    }
}
