package smtpd.core.imsg;

/// What filters decide about a command, or about a client.
///
/// @param kind the decision
/// @param text the reply of a refusal, with its code of 4xx or 5xx; the new value of a rewrite;
///   else empty
public record FilterVerdict(Kind kind, String text) {
    /// Nothing against it.
    public static final FilterVerdict PROCEED = new FilterVerdict(Kind.PROCEED, "");

    /// Decisions.
    public enum Kind {
        /// Nothing against it.
        PROCEED,
        /// Nothing against it, but the mail is marked.
        JUNK,
        /// The command is refused.
        REJECT,
        /// The command is refused and the session ends.
        DISCONNECT,
        /// The command goes on with another value.
        REWRITE
    }

    static void write(FrameOut out, FilterVerdict value) {
        out.choice(value.kind());
        out.text(value.text());
    }

    static FilterVerdict read(FrameIn in) {
        return new FilterVerdict(in.choice(Kind.values()), in.text());
    }
}
