package smtpd.mta;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Limits;
import smtpd.core.conf.PeerSecurity;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// What the mta may know of the configuration.
///
/// @param hostname the server's name: our HELO name unless an action has its own
/// @param relays the `relay` actions by name
/// @param limits the limits of the mta
/// @param peers what of other servers' policies is followed
public record MtaConfig(
        String hostname,
        Map<String, Dispatcher.Remote> relays,
        Limits.Mta limits,
        PeerSecurity peers) {
    /// Follows nobody else's policies.
    public MtaConfig(String hostname, Map<String, Dispatcher.Remote> relays, Limits.Mta limits) {
        this(hostname, relays, limits, PeerSecurity.NONE);
    }

    /// Takes a copy in the same order.
    public MtaConfig {
        relays = Collections.unmodifiableMap(new LinkedHashMap<>(relays));
    }
}
