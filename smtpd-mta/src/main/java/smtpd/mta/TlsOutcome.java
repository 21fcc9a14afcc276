package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.tls.TlsFacts;

/// How a session turned out to be protected: what logs, statistics and reports tell of it.
///
/// @param policy what was asked for
/// @param level what was reached
/// @param facts version and cipher; null in clear
/// @param problem why the server is not known to be the right one; empty where it is, or where it
///   is in clear
record TlsOutcome(TlsPolicy policy, Level level, @Nullable TlsFacts facts, String problem) {
    /// How far a session is protected.
    enum Level {
        /// Not at all.
        CLEAR,
        /// From those who only listen.
        UNVERIFIED,
        /// The server is the right one.
        VERIFIED;

        /// As logs and statistics have it.
        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    static TlsOutcome clear(TlsPolicy policy) {
        return new TlsOutcome(policy, Level.CLEAR, null, "");
    }

    static TlsOutcome encrypted(TlsPolicy policy, TlsFacts facts, String problem) {
        return new TlsOutcome(
                policy, problem.isEmpty() ? Level.VERIFIED : Level.UNVERIFIED, facts, problem);
    }

    /// For the log: `none`, or `TLSv1.3/verified/dane`.
    @Override
    public String toString() {
        return facts == null ? "none" : facts.version() + "/" + level.word() + "/" + policy.word();
    }
}
