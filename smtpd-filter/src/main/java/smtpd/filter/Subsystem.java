package smtpd.filter;

/// Which half of the mail server a session belongs to.
public enum Subsystem {
    /// A client talks to the server.
    SMTP_IN("smtp-in"),

    /// The server talks to another one. There are reports of such sessions, and no questions.
    SMTP_OUT("smtp-out");

    private final String word;

    Subsystem(String word) {
        this.word = word;
    }

    /// As it is written in the protocol.
    public String word() {
        return word;
    }
}
