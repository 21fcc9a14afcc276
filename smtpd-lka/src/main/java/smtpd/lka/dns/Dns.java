package smtpd.lka.dns;

import java.util.concurrent.CompletableFuture;

/// Who answers questions about names. Never blocks; completes normally in every case.
@FunctionalInterface
public interface Dns {
    /// Asks for the records of a name.
    ///
    /// @param name without the final dot
    CompletableFuture<DnsReply> ask(String name, RecordType type);
}
