package smtpd.lka.table;

import smtpd.core.imsg.LookupAnswer;

/// What a table says to a question. "Not now" is never turned into "no".
public sealed interface Answer {
    /// There is an entry.
    ///
    /// @param value its value; the entry itself in a list
    record Found(String value) implements Answer {}

    /// There is no entry.
    record NotFound() implements Answer {}

    /// The table cannot say.
    ///
    /// @param reason why, for the log
    record Tempfail(String reason) implements Answer {}

    /// The shared "no".
    Answer NOT_FOUND = new NotFound();

    /// The answer as it travels in a frame.
    static LookupAnswer word(Answer answer) {
        return switch (answer) {
            case Found _ -> LookupAnswer.FOUND;
            case NotFound _ -> LookupAnswer.NOT_FOUND;
            case Tempfail _ -> LookupAnswer.TEMPFAIL;
        };
    }

    /// The value found, or empty.
    static String valueOrEmpty(Answer answer) {
        return answer instanceof Found(String value) ? value : "";
    }
}
