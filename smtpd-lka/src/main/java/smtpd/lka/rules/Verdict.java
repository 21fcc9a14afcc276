package smtpd.lka.rules;

import smtpd.core.conf.Rule;

/// What the ruleset says about an envelope.
public sealed interface Verdict {
    /// The first rule that fits, and it names an action.
    record Matched(Rule rule) implements Verdict {}

    /// The first rule that fits, and it says `reject`.
    record Rejected(Rule rule) implements Verdict {}

    /// No rule fits: refused for good.
    record NoMatch() implements Verdict {}

    /// A table could not answer before a rule fitted: not now.
    ///
    /// @param reason why, for the log
    record Tempfail(String reason) implements Verdict {}
}
