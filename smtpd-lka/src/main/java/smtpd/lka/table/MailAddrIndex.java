package smtpd.lka.table;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.MailAddr;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The entries of a table as mail addresses: exact ones by hash, those with `*` in order.
final class MailAddrIndex {
    private final Map<MailAddrPattern, String> exact = new HashMap<>();
    private final List<Map.Entry<MailAddrPattern, String>> wildcards = new ArrayList<>();

    MailAddrIndex(Collection<String> keys) {
        for (String key : keys) {
            MailAddrPattern pattern = MailAddrPattern.of(key);
            if (pattern.isExact()) {
                exact.putIfAbsent(pattern, key);
            } else {
                wildcards.add(Map.entry(pattern, key));
            }
        }
    }

    /// The entry that fits, the most exact first, or null.
    @Nullable String find(String text, char delimiter) {
        MailAddr address = MailAddr.of(text);
        String untagged = MailAddrPattern.untagged(address.user(), delimiter);
        MailAddrPattern[] candidates = {
            new MailAddrPattern(address.user(), address.domain()),
            new MailAddrPattern(untagged, address.domain()),
            new MailAddrPattern(address.user(), ""),
            new MailAddrPattern(untagged, ""),
            new MailAddrPattern("", address.domain()),
            new MailAddrPattern("", ""),
        };
        for (MailAddrPattern candidate : candidates) {
            String entry = exact.get(candidate);
            if (entry != null && candidate.fits(address, delimiter)) {
                return entry;
            }
        }
        for (Map.Entry<MailAddrPattern, String> wildcard : wildcards) {
            if (wildcard.getKey().fits(address, delimiter)) {
                return wildcard.getValue();
            }
        }
        return null;
    }
}
