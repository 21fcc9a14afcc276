package smtpd.core.conf;

import java.util.List;

/// A `match … action NAME` or `match … reject` directive.
///
/// The defaults `from local` and `for local` are written out, `from auth`, `from mail-from` and
/// `for rcpt-to` are split into `from any` or `for any` and their criterion, and the criteria stand
/// in the order in which they are tested: each [Kind] in its declared order.
///
/// @param criteria all must hold
/// @param action the name of the dispatcher; empty for `reject`
/// @param where the directive's place
public record Rule(List<Criterion> criteria, String action, Location where) {
    public Rule {
        criteria = List.copyOf(criteria);
    }

    /// Whether a match is refused.
    public boolean rejects() {
        return action.isEmpty();
    }

    /// One test of a rule.
    ///
    /// @param kind what is tested
    /// @param negated whether the test must fail instead
    /// @param regex whether the table holds regular expressions
    /// @param table what it is tested against; empty where the kind needs none
    public record Criterion(Kind kind, boolean negated, boolean regex, String table) {}

    /// What a criterion tests, in the order of evaluation.
    public enum Kind {
        /// The listener's tag is in the table.
        TAG,
        /// Every source.
        FROM_ANY,
        /// The socket and every address of this machine; also what an expansion produced.
        FROM_LOCAL,
        /// The socket.
        FROM_SOCKET,
        /// The client's address is in the table.
        FROM_SRC,
        /// The client has a reverse name; with a table, one that is in it.
        FROM_RDNS,
        /// Every destination.
        FOR_ANY,
        /// The recipient's domain is one of this machine's names.
        FOR_LOCAL,
        /// The recipient's domain is in the table.
        FOR_DOMAIN,
        /// The client's HELO name is in the table.
        HELO,
        /// The client has authenticated; with a table, as a user that is in it.
        AUTH,
        /// The session is encrypted.
        TLS,
        /// The envelope sender is in the table.
        MAIL_FROM,
        /// The recipient is in the table.
        RCPT_TO
    }
}
