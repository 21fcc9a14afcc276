package smtpd.lka;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/// Warnings that would otherwise be written for every message: each text once in an interval.
final class Complaints {
    private static final Logger LOG = LoggerFactory.getLogger(Complaints.class);

    /// How often the same text is logged.
    static final Duration INTERVAL = Duration.ofMinutes(1);

    /// How many texts are remembered; the oldest is forgotten first.
    static final int REMEMBERED_MAX = 256;

    private final InstantSource clock;
    private final Map<String, Instant> said =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
                    return size() > REMEMBERED_MAX;
                }
            };

    Complaints(InstantSource clock) {
        this.clock = clock;
    }

    /// Logs a warning unless it was logged a short while ago; true if it was logged now.
    boolean about(String text) {
        boolean first = isFirst(text);
        if (first) {
            LOG.warn("warn: {}", text);
        }
        return first;
    }

    /// The same about an error of ours.
    boolean about(String text, Throwable error) {
        boolean first = isFirst(text);
        if (first) {
            LOG.error("warn: {}", text, error);
        }
        return first;
    }

    private boolean isFirst(String text) {
        Instant now = clock.instant();
        synchronized (said) {
            Instant last = said.get(text);
            if (last != null && now.isBefore(last.plus(INTERVAL))) {
                return false;
            }
            said.remove(text);
            said.put(text, now);
        }
        return true;
    }
}
