package smtpd.lka.table;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// The entries of a table that hold a `*`, in order; all others are found by their keys.
final class Patterns {
    private record Pattern(String key, long place) {}

    private final List<Pattern> patterns = new ArrayList<>();

    Patterns(EntrySource entries) throws IOException {
        entries.walk((place, key) -> {
            if (key.indexOf('*') >= 0) {
                patterns.add(new Pattern(key, place));
            }
        });
    }

    /// The place of the first that fits; -1 for none.
    long first(Predicate<String> fits) {
        for (Pattern pattern : patterns) {
            if (fits.test(pattern.key())) {
                return pattern.place();
            }
        }
        return -1;
    }
}
