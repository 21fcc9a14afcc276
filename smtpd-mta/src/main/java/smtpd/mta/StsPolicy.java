package smtpd.mta;

import java.net.IDN;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A policy of a domain about its mail exchangers (RFC 8461 §3.2).
///
/// @param mode what becomes of mail for exchangers that do not fit
/// @param maxAge for how long it holds
/// @param mx patterns of exchangers, lower case, international labels in their ASCII form
record StsPolicy(Mode mode, Duration maxAge, List<String> mx) {
    /// RFC 8461 §3.2: longest validity.
    static final Duration AGE_MAX = Duration.ofHours(8_766);

    /// Patterns of one policy that are looked at.
    static final int PATTERNS_MAX = 200;

    StsPolicy {
        mx = List.copyOf(mx);
    }

    /// What becomes of mail for exchangers that do not fit.
    enum Mode {
        /// It waits.
        ENFORCE,
        /// It goes out as if there were no policy.
        TESTING,
        /// There is no policy any more.
        NONE
    }

    /// Reads a policy; empty if it is none: no `version: STSv1`, no known mode, no `max_age`, or no
    /// `mx` where one is needed. Unknown keys do not count, and of a key that stands twice the
    /// first does (RFC 8461 §3.2).
    static Optional<StsPolicy> parse(String text) {
        String version = "";
        String mode = "";
        String age = "";
        List<String> mx = new ArrayList<>();
        for (String line : text.split("\r?\n", -1)) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                continue;
            }
            String value = line.substring(colon + 1).strip();
            switch (line.substring(0, colon).strip()) {
                case "version" -> version = version.isEmpty() ? value : version;
                case "mode" -> mode = mode.isEmpty() ? value : mode;
                case "max_age" -> age = age.isEmpty() ? value : age;
                case "mx" -> {
                    if (mx.size() < PATTERNS_MAX) {
                        mx.add(ascii(value));
                    }
                }
                default -> {}
            }
        }
        Optional<Mode> known = mode(mode);
        boolean sound =
                version.equals("STSv1")
                        && age.matches("[0-9]{1,10}")
                        && known.isPresent()
                        && (known.get() == Mode.NONE || !mx.isEmpty());
        return sound ? Optional.of(new StsPolicy(known.get(), age(age), mx)) : Optional.empty();
    }

    /// What [#parse] reads as the same.
    String text() {
        StringBuilder text = new StringBuilder("version: STSv1\nmode: ");
        text.append(mode.name().toLowerCase(Locale.ROOT));
        text.append("\nmax_age: ").append(maxAge.toSeconds()).append('\n');
        mx.forEach(pattern -> text.append("mx: ").append(pattern).append('\n'));
        return text.toString();
    }

    private static Optional<Mode> mode(String word) {
        return switch (word) {
            case "enforce" -> Optional.of(Mode.ENFORCE);
            case "testing" -> Optional.of(Mode.TESTING);
            case "none" -> Optional.of(Mode.NONE);
            default -> Optional.empty();
        };
    }

    private static Duration age(String seconds) {
        Duration age = Duration.ofSeconds(Long.parseLong(seconds));
        return age.compareTo(AGE_MAX) > 0 ? AGE_MAX : age;
    }

    /// A name as certificates and DNS have it; the text itself where it is no name.
    private static String ascii(String name) {
        String wildcard = name.startsWith("*.") ? "*." : "";
        try {
            return wildcard
                    + IDN.toASCII(name.substring(wildcard.length())).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException _) {
            return name.toLowerCase(Locale.ROOT);
        }
    }

    /// Whether an exchanger fits a pattern: `*` stands for one label, the leftmost (RFC 8461 §4.1).
    boolean allows(String exchanger) {
        String bare = exchanger.endsWith(".") ? strip(exchanger) : exchanger;
        String host = ascii(bare);
        int dot = host.indexOf('.');
        return mx.contains(host) || (dot > 0 && mx.contains("*" + host.substring(dot)));
    }

    private static String strip(String name) {
        return name.substring(0, name.length() - 1);
    }
}
