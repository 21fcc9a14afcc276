package smtpd.core.conf;

import java.time.Duration;
import java.util.List;

/// A `filter NAME …` directive.
public sealed interface FilterConf {
    /// Its name; `<OWNER filter>` for a chain written in place.
    String name();

    /// Whether it was written in place, without a name.
    default boolean anonymous() {
        return name().startsWith("<");
    }

    /// A program of the configuration.
    ///
    /// @param name its name
    /// @param proc the program's name
    /// @param trouble what becomes of its sessions when the program does not answer
    record Program(String name, String proc, Trouble trouble) implements FilterConf {}

    /// What becomes of sessions whose filter does not answer (an addition of ours).
    ///
    /// @param fail the policy
    /// @param timeout how long an answer may take
    record Trouble(Fail fail, Duration timeout) {
        /// Less than the five minutes a client waits for a reply (RFC 5321 §4.5.3.2).
        public static final Duration TIMEOUT = Duration.ofMinutes(2);

        /// Unless configured.
        public static final Trouble DEFAULT = new Trouble(Fail.TEMPFAIL, TIMEOUT);
    }

    /// Policies for sessions whose filter does not answer.
    enum Fail {
        /// The client may come back later.
        TEMPFAIL,
        /// As if the filter were not there.
        BYPASS;

        /// The word of the language.
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /// Filters asked one after the other.
    ///
    /// @param name its name
    /// @param members filters that are no chains, each once
    record Chain(String name, List<String> members) implements FilterConf {
        public Chain {
            members = List.copyOf(members);
        }
    }

    /// A test and a decision.
    ///
    /// @param name its name
    /// @param phase when it is asked
    /// @param condition when it decides
    /// @param decision what it decides
    record Builtin(String name, Phase phase, Condition condition, Decision decision)
            implements FilterConf {}

    /// When a built-in filter is asked.
    enum Phase {
        CONNECT,
        HELO,
        EHLO,
        AUTH,
        MAIL_FROM,
        RCPT_TO,
        DATA,
        COMMIT;

        /// The word of the language.
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /// What a built-in filter tests.
    ///
    /// @param kind of test
    /// @param negated whether the test must fail instead
    /// @param regex whether the table holds regular expressions
    /// @param table empty where the kind needs none
    record Condition(Test kind, boolean negated, boolean regex, String table) {}

    /// Tests of built-in filters.
    enum Test {
        /// The reverse name leads back to the address.
        FCRDNS,
        /// A reverse name exists; with a table, one that is in it.
        RDNS,
        /// The client's address is in the table.
        SRC,
        /// The HELO name is in the table.
        HELO,
        /// The client has authenticated; with a table, as a user that is in it.
        AUTH,
        /// The envelope sender is in the table.
        MAIL_FROM,
        /// The recipient is in the table.
        RCPT_TO;

        /// The word of the language.
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /// What a built-in filter decides.
    ///
    /// @param verb the decision
    /// @param text the reply, value or report; empty for `junk` and `bypass`
    record Decision(Verb verb, String text) {}

    /// Decisions of built-in filters.
    enum Verb {
        JUNK,
        BYPASS,
        REJECT,
        DISCONNECT,
        REWRITE,
        REPORT;

        /// The word of the language.
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
