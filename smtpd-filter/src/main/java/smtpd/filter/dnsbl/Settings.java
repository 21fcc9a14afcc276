package smtpd.filter.dnsbl;

import java.time.Duration;
import java.util.List;

/// What filter-dnsbl is told to do.
///
/// @param entries the lists
/// @param thresholds from which score on something happens
/// @param atConnect whether it is decided when the client comes, and not at RCPT
/// @param exempt addresses that are not asked about
/// @param cache what is remembered
record Settings(
        List<Entry> entries,
        Thresholds thresholds,
        boolean atConnect,
        List<Network> exempt,
        CacheSize cache) {
    /// Scores; [#NEVER] for what never happens.
    ///
    /// @param reject the client is refused
    /// @param junk the message is marked
    /// @param header the message gets a field that says what was found
    record Thresholds(int reject, int junk, int header) {
        /// No score is as high.
        static final int NEVER = Integer.MAX_VALUE;
    }

    /// How much is remembered, and how long.
    record CacheSize(int entries, Duration ttl) {}
}
