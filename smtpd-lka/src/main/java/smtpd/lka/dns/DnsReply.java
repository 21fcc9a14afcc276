package smtpd.lka.dns;

import java.util.List;

/// What DNS says to a question.
public sealed interface DnsReply {
    /// There are records.
    ///
    /// @param records in the order given; at least one
    record Records(List<DnsRecord> records) implements DnsReply {
        public Records {
            records = List.copyOf(records);
        }
    }

    /// The name exists, and has nothing of the kind asked for.
    record NoRecords() implements DnsReply {}

    /// The name does not exist.
    record NoName() implements DnsReply {}

    /// The text is not a name.
    record NotAName() implements DnsReply {}

    /// No server answered, or none would say.
    ///
    /// @param reason why, for the log
    record Tempfail(String reason) implements DnsReply {}

    /// The records, if any.
    default List<DnsRecord> recordsOrNone() {
        return this instanceof Records(List<DnsRecord> records) ? records : List.of();
    }
}
