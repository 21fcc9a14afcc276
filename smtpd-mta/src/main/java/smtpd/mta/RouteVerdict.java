package smtpd.mta;

/// What the end of a session means for its route.
public sealed interface RouteVerdict {
    /// Nothing is wrong: we said QUIT, or the server had closed an idle connection.
    record Fine() implements RouteVerdict {}

    /// No connection, a lost connection, or no answer in time.
    ///
    /// @param reason what happened
    record Network(String reason) implements RouteVerdict {}

    /// The server does not want us now: its greeting, its answer to EHLO, or 421 anywhere.
    ///
    /// @param reply its words
    record Refused(String reply) implements RouteVerdict {}

    /// The server is not who the mail is meant for, or cannot be known to be.
    ///
    /// @param reason in what way
    record Untrusted(String reason) implements RouteVerdict {}

    /// Encryption was tried, for nobody insists on it, and came to nothing: in clear it may go.
    ///
    /// @param reason what happened
    record NoEncryption(String reason) implements RouteVerdict {}

    /// The server does not keep to the protocol.
    ///
    /// @param reason what it did
    /// @param step whether replies came out of step with commands
    record Broken(String reason, Step step) implements RouteVerdict {}

    /// Whether replies and commands matched.
    enum Step {
        IN_STEP,
        OUT_OF_STEP
    }
}
