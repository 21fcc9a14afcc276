package smtpd.filter;

import java.util.List;

/// What DNS says: yes, no, or not now. "Not now" is never "no".
public sealed interface DnsAnswer {
    /// There are records.
    ///
    /// @param values at least one: addresses; texts, whose characters are the bytes of the record;
    ///   names without a dot at the end; for MX `10|mx.example.org`
    record Found(List<String> values) implements DnsAnswer {}

    /// There are none: no such name, or no such records of it.
    record None() implements DnsAnswer {}

    /// That could not be found out.
    ///
    /// @param why for the log
    record Failed(String why) implements DnsAnswer {}

    /// The values; empty unless found.
    default List<String> values() {
        return this instanceof Found(List<String> values) ? values : List.of();
    }
}
