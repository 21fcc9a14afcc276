package smtpd.lka.table;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The entries of a table as domains: exact ones by hash, those with `*` in order.
final class DomainIndex {
    private final Set<String> exact = new HashSet<>();
    private final List<String> wildcards = new ArrayList<>();

    DomainIndex(Collection<String> keys) {
        for (String key : keys) {
            if (key.indexOf('*') < 0) {
                exact.add(key);
            } else {
                wildcards.add(key);
            }
        }
    }

    /// The entry that fits, or null.
    @Nullable String find(String domain) {
        if (exact.contains(domain)) {
            return domain;
        }
        for (String pattern : wildcards) {
            if (Wildcard.fits(domain, pattern)) {
                return pattern;
            }
        }
        return null;
    }
}
