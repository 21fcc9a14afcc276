package smtpd.control.stat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;

/// What was, for the operator's tools. Thread-safe.
public interface History {
    /// How one key went.
    ///
    /// @param length how far back
    /// @param columns how many values are wanted at most, at least 1
    default Series series(String key, Instant now, Duration length, int columns)
            throws IOException {
        return series(List.of(key), now, length, columns).getFirst();
    }

    /// How some keys went, in their order.
    ///
    /// @param length how far back
    /// @param columns how many values are wanted at most, at least 1
    List<Series> series(List<String> keys, Instant now, Duration length, int columns)
            throws IOException;

    /// What was added to each total.
    ///
    /// @param length how far back; as exact as the steps that are kept of that time
    NavigableMap<String, Long> gains(Instant now, Duration length) throws IOException;

    /// How far back anything can be told at all.
    Duration reach();
}
