package smtpd.lka.filter;

/// The two kinds of sessions filters know.
enum Subsystem {
    /// Of clients with us.
    IN("smtp-in"),
    /// Of us with servers.
    OUT("smtp-out");

    private final String word;

    Subsystem(String word) {
        this.word = word;
    }

    /// Its name in the protocol.
    String word() {
        return word;
    }
}
