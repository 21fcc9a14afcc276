package smtpd.mta;

import smtpd.core.imsg.MxHost;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// A next-hop name and the hosts it leads to.
final class Domain {
    final String name;
    final RelayKey.Kind kind;

    /// The relays that go there.
    final Set<Relay> relays = new LinkedHashSet<>();

    Knowledge knowledge = new Knowledge.Unknown();

    /// Whether a lookup is under way.
    boolean asked;

    int connections;
    Instant lastConnect = Instant.MIN;

    /// What DNS told us.
    sealed interface Knowledge {
        /// Nothing yet.
        record Unknown() implements Knowledge {}

        /// The hosts.
        ///
        /// @param hosts by preference, lowest first
        /// @param since when it was learned
        record Known(List<MxHost> hosts, Instant since) implements Knowledge {}
    }

    Domain(String name, RelayKey.Kind kind) {
        this.name = name;
        this.kind = kind;
    }
}
