package smtpd.mta;

import java.time.Duration;

/// How long a route is left alone after errors in a row: 15·p² seconds, at most an hour. OpenSMTPD:
/// mta.c, route penalties.
final class Penalty {
    private static final long UNIT_SECONDS = 15;
    private static final Duration LONGEST = Duration.ofHours(1);

    /// The penalty beyond which the time grows no more.
    static final int MAX = 16;

    private Penalty() {}

    /// The time for a penalty of 0 to [#MAX].
    static Duration of(int penalty) {
        Duration quadratic = Duration.ofSeconds(UNIT_SECONDS * penalty * penalty);
        return quadratic.compareTo(LONGEST) < 0 ? quadratic : LONGEST;
    }
}
