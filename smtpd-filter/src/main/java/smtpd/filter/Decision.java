package smtpd.filter;

import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/// What a filter answers when it is asked about a phase.
///
/// In a chain of filters the first that says anything but [#proceed()] and [#report(String)]
/// decides that phase; the filters behind it are not asked.
public sealed interface Decision {
    /// The longest text of an answer in bytes: a reply line without its end (RFC 5321 §4.5.3.1.5).
    int TEXT_MAX = 510;

    /// Nothing against it.
    record Proceed() implements Decision {}

    /// Goes on, marked.
    record Junk() implements Decision {}

    /// The command fails with this reply.
    record Reject(String text) implements Decision {
        /// Checks the text.
        public Reject {
            Words.reply(text);
        }
    }

    /// The reply is sent and the session ends.
    record Disconnect(String text) implements Decision {
        /// Checks the text.
        public Disconnect {
            Words.reply(text);
        }
    }

    /// Goes on with another argument.
    record Rewrite(String value) implements Decision {
        /// Checks the value.
        public Rewrite {
            Words.line(value);
        }
    }

    /// Goes on, and says something.
    record Report(String text) implements Decision {
        /// Checks the text.
        public Report {
            Words.line(text);
        }
    }

    /// Is not known yet.
    record Later(CompletionStage<Decision> stage) implements Decision {}

    /// Nothing against it.
    static Decision proceed() {
        return new Proceed();
    }

    /// Goes on, and the message gets the field `X-Spam: Yes`: every message of the session when it
    /// is said before a transaction. In [Phase#COMMIT] it is too late for that, and means
    /// [#proceed()].
    static Decision junk() {
        return new Junk();
    }

    /// The command fails. A code of 421 ends the session too.
    ///
    /// @param text what the client reads: a code of 4xx or 5xx, a space, usually an enhanced status
    ///   code, and words: `550 5.7.1 Not here`; printable, at most [#TEXT_MAX] bytes
    /// @throws IllegalArgumentException if it is not like that; see [Text#printable(String, int)]
    static Decision reject(String text) {
        return new Reject(text);
    }

    /// The command fails and the session ends.
    ///
    /// @param text as for [#reject(String)]
    static Decision disconnect(String text) {
        return new Disconnect(text);
    }

    /// Goes on with another argument of the command: a name for HELO and EHLO; for MAIL and RCPT an
    /// address in angle brackets, which parameters may follow.
    ///
    /// @param value one line
    static Decision rewrite(String value) {
        return new Rewrite(value);
    }

    /// Goes on with another address in MAIL or RCPT.
    ///
    /// @param address without angle brackets
    static Decision rewriteAddress(String address) {
        return new Rewrite("<" + address + ">");
    }

    /// Goes on, and the server tells the text in a `filter-report`.
    static Decision report(String text) {
        return new Report(text);
    }

    /// The answer is given when the stage completes; until then the session waits and no other
    /// does. A stage that fails is a fault of the filter: see [Filter#onFault(Decision)].
    static Decision later(CompletionStage<Decision> stage) {
        return new Later(stage);
    }

    /// What the texts must be like.
    final class Words {
        private static final Pattern REPLY = Pattern.compile("[45]\\d\\d [^\\p{Cntrl}]+");

        private Words() {}

        private static void reply(String text) {
            if (!REPLY.matcher(text).matches() || Text.utf8Length(text) > TEXT_MAX) {
                throw new IllegalArgumentException("not a reply of 4xx or 5xx: " + text);
            }
        }

        private static void line(String text) {
            if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException("not a line of text: " + text);
            }
        }
    }
}
