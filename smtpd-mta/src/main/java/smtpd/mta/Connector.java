package smtpd.mta;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A relay together with one source address: the routes its mail can take from there.
final class Connector {
    final Relay relay;
    final Source source;

    /// By preference, lowest first; never an empty level.
    List<Level> levels = new ArrayList<>();

    /// Why there is no level, when there is none.
    Failure none = Failure.FAMILY;

    /// Whether the operator has stopped it.
    boolean blocked;

    int connections;
    Instant lastConnect = Instant.MIN;

    /// Routes of equal preference, in the order they are tried.
    ///
    /// @param preference the MX preference
    /// @param routes at least one
    record Level(int preference, List<Route> routes) {}

    Connector(Relay relay, Source source) {
        this.relay = relay;
        this.source = source;
    }
}
