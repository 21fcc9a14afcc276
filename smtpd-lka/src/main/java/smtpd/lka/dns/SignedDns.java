package smtpd.lka.dns;

import java.util.concurrent.CompletableFuture;

/// Who answers questions about names and says whether DNSSEC vouches for the answer. Never blocks;
/// completes normally in every case.
@FunctionalInterface
public interface SignedDns {
    /// Asks for the records of a name. An answer that contradicts its signatures is none: "not
    /// now".
    ///
    /// @param name without the final dot
    CompletableFuture<Vouched> ask(String name, RecordType type);

    /// Answers for which nobody vouches.
    static SignedDns unsigned(Dns dns) {
        return (name, type) ->
                dns.ask(name, type).thenApply(reply -> new Vouched(reply, Security.INSECURE, name));
    }

    /// Whether DNSSEC vouches for an answer.
    enum Security {
        /// It follows from the keys DNSSEC begins with, all along, aliases included (RFC 4035
        /// §4.3).
        SECURE,
        /// It provably need not be signed, or nobody has looked.
        INSECURE
    }

    /// An answer with what it is worth.
    ///
    /// @param reply the answer, "no" included
    /// @param security whether it can be relied on
    /// @param name where the aliases of the name lead; the name itself without any
    record Vouched(DnsReply reply, Security security, String name) {
        boolean isSecure() {
            return security == Security.SECURE;
        }
    }
}
