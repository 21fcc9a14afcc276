package smtpd.control.stat;

import java.time.Instant;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.TreeMap;

/// All statistics at one moment.
///
/// @param at when
/// @param metrics by key
public record Reading(Instant at, NavigableMap<String, Metric> metrics) {
    public Reading {
        metrics = Collections.unmodifiableNavigableMap(new TreeMap<>(metrics));
    }
}
