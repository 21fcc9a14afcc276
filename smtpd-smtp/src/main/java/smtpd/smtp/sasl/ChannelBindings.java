package smtpd.smtp.sasl;

import smtpd.core.mail.Bytes;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// What both ends of a TLS connection know of it and nobody in between can: by name (RFC 5056 §7).
///
/// @param byName made when asked for
public record ChannelBindings(Map<String, Supplier<Optional<Bytes>>> byName) {
    /// Without TLS.
    public static final ChannelBindings NONE = new ChannelBindings(Map.of());

    /// Takes a copy.
    public ChannelBindings {
        byName = Map.copyOf(byName);
    }

    /// Whether there are any.
    public boolean any() {
        return !byName.isEmpty();
    }

    /// The binding of that name.
    Optional<Bytes> of(String name) {
        return byName.getOrDefault(name, Optional::empty).get();
    }
}
