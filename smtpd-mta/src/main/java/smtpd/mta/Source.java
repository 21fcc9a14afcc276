package smtpd.mta;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;

/// One local address that sessions connect from.
final class Source {
    /// The literal address; empty for any.
    final String address;

    /// Relays that only lack a connection from here, first come first served.
    final Set<Relay> waiting = new LinkedHashSet<>();

    /// Its sessions that are idle, for longest first.
    final Set<LiveSession> idle = new LinkedHashSet<>();

    int connections;
    Instant lastConnect = Instant.MIN;

    Source(String address) {
        this.address = address;
    }

    /// For listings: the address, or `-` for any.
    String word() {
        return address.isEmpty() ? "-" : address;
    }
}
