package smtpd.filter.dnsbl;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// What lists have answered, and what they are asked just now: a question is asked once for all who
/// want to know. What could not be found out is not remembered. What was not wanted for longest
/// goes first.
final class Cache {
    private final int entriesMax;
    private final Duration ttl;
    private final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);

    private record Kept(CompletableFuture<Listing> listing, Instant until) {}

    Cache(Settings.CacheSize size) {
        this.entriesMax = size.entries();
        this.ttl = size.ttl();
    }

    /// What is known, or being asked; null if neither.
    synchronized @Nullable CompletableFuture<Listing> get(String name, Instant now) {
        Kept entry = kept.get(name);
        if (entry == null) {
            return null;
        }
        if (now.isBefore(entry.until) || !entry.listing.isDone()) {
            return entry.listing;
        }
        kept.remove(name);
        return null;
    }

    synchronized void put(String name, CompletableFuture<Listing> listing, Instant now) {
        kept.put(name, new Kept(listing, now.plus(ttl)));
        if (kept.size() > entriesMax) {
            kept.remove(kept.keySet().iterator().next());
        }
    }

    synchronized void forget(String name) {
        kept.remove(name);
    }

    synchronized int size() {
        return kept.size();
    }
}
