package smtpd.mta;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;

/// One remote address, whatever its ports.
final class Host {
    final String address;

    /// Reverse name for logs; `<unknown>` until one is known.
    String ptr = "<unknown>";

    /// Whether the reverse name was asked for.
    PtrState ptrState = PtrState.UNKNOWN;

    /// Relays that only lack a connection to here, first come first served.
    final Set<Relay> waiting = new LinkedHashSet<>();

    /// Its sessions that are idle, for longest first.
    final Set<LiveSession> idle = new LinkedHashSet<>();

    int connections;
    Instant lastConnect = Instant.MIN;

    /// Until when it gets one command at a time, after its replies came out of step.
    Instant lockStepUntil = Instant.MIN;

    Host(String address) {
        this.address = address;
    }

    /// How far the lookup of a reverse name has come.
    enum PtrState {
        UNKNOWN,
        ASKED,
        KNOWN
    }
}
