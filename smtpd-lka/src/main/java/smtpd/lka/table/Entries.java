package smtpd.lka.table;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// The content of a table held in memory: an ordered list of keys, each with a value or all
/// without.
///
/// Keys are in lower case, a later key replaces an earlier one. Each kind of lookup has its index,
/// built when it is first used, so that exact entries cost one hash whatever the table's size and
/// only wildcards, regular expressions and networks of different sizes are walked.
public final class Entries {
    private final Map<String, String> values;
    private final boolean mapping;
    private volatile @Nullable DomainIndex domains;
    private volatile @Nullable NetIndex networks;
    private volatile @Nullable MailAddrIndex addresses;
    private volatile @Nullable RegexIndex regexes;

    private Entries(Map<String, String> values, boolean mapping) {
        this.values = values;
        this.mapping = mapping;
    }

    /// A list: the value of each entry is the entry as written.
    public static Entries list(Collection<String> entries) {
        Map<String, String> values = LinkedHashMap.newLinkedHashMap(entries.size());
        for (String entry : entries) {
            values.put(fold(entry), entry);
        }
        return new Entries(values, false);
    }

    /// Keys and values.
    public static Entries mapping(Map<String, String> entries) {
        Map<String, String> values = LinkedHashMap.newLinkedHashMap(entries.size());
        entries.forEach((key, value) -> values.put(fold(key), value));
        return new Entries(values, true);
    }

    /// The form in which keys are compared.
    static String fold(String key) {
        return key.toLowerCase(Locale.ROOT);
    }

    /// How many.
    public int size() {
        return values.size();
    }

    /// Whether entries have values of their own.
    public boolean isMapping() {
        return mapping;
    }

    /// The keys in order, in lower case.
    Collection<String> keys() {
        return Collections.unmodifiableCollection(values.keySet());
    }

    /// What a round over the table yields: the entries of a list as written, the keys of a mapping.
    Collection<String> inTurn() {
        return mapping ? keys() : Collections.unmodifiableCollection(values.values());
    }

    private Answer at(@Nullable String key) {
        String value = key == null ? null : values.get(key);
        return value == null ? Answer.NOT_FOUND : new Answer.Found(value);
    }

    /// The entry equal to `key`.
    Answer exact(String key) {
        return at(fold(key));
    }

    /// The first entry that fits a domain.
    Answer domain(String key) {
        DomainIndex index = domains;
        if (index == null) {
            index = new DomainIndex(keys());
            domains = index;
        }
        return at(index.find(fold(key)));
    }

    /// The narrowest network a literal address lies in, or the entry equal to `key`.
    Answer network(String key) {
        NetIndex index = networks;
        if (index == null) {
            index = new NetIndex(keys());
            networks = index;
        }
        Answer same = exact(key);
        return same instanceof Answer.Found ? same : at(index.find(key));
    }

    /// The first entry that fits a mail address.
    ///
    /// @param delimiter separates user and tag
    Answer mailAddr(String key, char delimiter) {
        MailAddrIndex index = addresses;
        if (index == null) {
            index = new MailAddrIndex(keys());
            addresses = index;
        }
        return at(index.find(fold(key), delimiter));
    }

    /// The first regular expression found in `key`; "not now" when one of them is none.
    Answer regex(String key) {
        RegexIndex index = regexes;
        if (index == null) {
            index = new RegexIndex(mapping ? keys() : values.values());
            regexes = index;
        }
        if (!index.broken().isEmpty()) {
            return new Answer.Tempfail("not a regular expression: " + index.broken());
        }
        try {
            String found = index.find(key);
            return found == null ? Answer.NOT_FOUND : at(fold(found));
        } catch (RegexIndex.Exhausted e) {
            return new Answer.Tempfail(String.valueOf(e.getMessage()));
        }
    }
}
