package smtpd.control.stat;

import java.util.Set;

/// The keys that go up and down. A process says so by counting down or by setting; these are known
/// before it does, so that none is a total today and a level tomorrow.
final class Levels {
    private static final Set<String> KEYS =
            Set.of(
                    "control.session",
                    "mda.running",
                    "mda.user",
                    "mta.connector",
                    "mta.domain",
                    "mta.envelope",
                    "mta.host",
                    "mta.relay",
                    "mta.route",
                    "mta.session",
                    "mta.source",
                    "mta.task",
                    "mta.task.running",
                    "smtp.session",
                    "smtp.session.inet4",
                    "smtp.session.inet6",
                    "smtp.session.local",
                    "smtp.smtps",
                    "smtp.tls");

    private Levels() {}

    static boolean isLevel(String key) {
        return KEYS.contains(key);
    }
}
