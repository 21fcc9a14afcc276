package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.MxHost;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// A next-hop name and the hosts it leads to.
final class Domain {
    final String name;
    final RelayKey.Kind kind;

    /// The port of its hosts: what DNS says of a certificate, it says of one port.
    final int port;

    /// The relays that go there.
    final Set<Relay> relays = new LinkedHashSet<>();

    Knowledge knowledge = new Knowledge.Unknown();

    /// What the domain says about its hosts; null for nothing (RFC 8461).
    @Nullable StsPolicy sts;

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

    Domain(String name, RelayKey.Kind kind, int port) {
        this.name = name;
        this.kind = kind;
        this.port = port;
    }
}
