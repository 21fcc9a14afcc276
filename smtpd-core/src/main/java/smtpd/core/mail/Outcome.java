package smtpd.core.mail;

/// How a delivery attempt ended, in every process. Three answers, and the one permanent failure
/// that must never be retried nor explained as anything else: a loop.
public enum Outcome {
    /// Delivered or handed to the next hop.
    OK("Ok"),
    /// Not now: try again later.
    TEMPFAIL("TempFail"),
    /// Never: report to the sender.
    PERMFAIL("PermFail"),
    /// The message has been here before.
    LOOP("Loop");

    private final String logWord;

    Outcome(String logWord) {
        this.logWord = logWord;
    }

    /// The word used in `result=` of a delivery's log line.
    public String logWord() {
        return logWord;
    }
}
