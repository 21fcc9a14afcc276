package smtpd.lka.filter;

import java.util.Optional;

/// What one filter decides.
///
/// @param verb the decision
/// @param text its parameter; empty where it has none
record Decision(Verb verb, String text) {
    /// Nothing against it.
    static final Decision PROCEED = new Decision(Verb.PROCEED, "");

    /// Decisions.
    enum Verb {
        PROCEED,
        JUNK,
        REJECT,
        DISCONNECT,
        REWRITE,
        REPORT;

        private final String word = name().toLowerCase(java.util.Locale.ROOT);

        /// Its name in the protocol.
        String word() {
            return word;
        }

        /// The one of that name.
        static Optional<Verb> of(String word) {
            for (Verb verb : values()) {
                if (verb.word.equals(word)) {
                    return Optional.of(verb);
                }
            }
            return Optional.empty();
        }
    }
}
