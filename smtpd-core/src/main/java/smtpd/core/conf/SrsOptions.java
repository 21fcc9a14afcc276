package smtpd.core.conf;

import java.time.Duration;

/// Sender rewriting for forwarded mail (`srs …`).
///
/// @param key the secret new addresses are signed with; empty when not configured
/// @param backupKey a former secret still accepted; empty for none
/// @param ttl how long a rewritten address is accepted, whole days
public record SrsOptions(String key, String backupKey, Duration ttl) {
    /// No key; four days (OpenSMTPD: the same).
    public static final SrsOptions DEFAULT = new SrsOptions("", "", Duration.ofDays(4));

    /// Everything but the secrets.
    @Override
    public String toString() {
        return "srs " + (key.isEmpty() ? "without" : "with") + " key, ttl " + ttl;
    }
}
