package smtpd.core.tls;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// Reads a list of protocol versions as libtls has it: names separated by `,` or `:`, each one
/// added, or with `!` taken away; `all`, `legacy`, `secure` and `default` for several.
///
/// TLS 1.0 and 1.1 may be named and are never used (RFC 8996); nothing older has a name.
public final class Protocols {
    private static final String V2 = "TLSv1.2";
    private static final String V3 = "TLSv1.3";

    /// What is used unless something else is configured (RFC 9325 §3.1.1).
    public static final List<String> SECURE = List.of(V3, V2);

    private Protocols() {}

    /// The versions a list stands for, as JSSE calls them, the newest first.
    ///
    /// @throws IllegalArgumentException saying what is wrong: an unknown name, or nothing left
    public static List<String> parse(String list) {
        if (list.isEmpty()) {
            return SECURE;
        }
        Set<String> chosen = new TreeSet<>();
        boolean first = true;
        for (String part : list.split("[,:]", -1)) {
            String word = part.strip();
            boolean negated = word.startsWith("!");
            if (negated && first) {
                chosen.addAll(SECURE);
            }
            first = false;
            List<String> named = named(negated ? word.substring(1) : word);
            if (negated) {
                named.forEach(chosen::remove);
            } else {
                chosen.addAll(named);
            }
        }
        if (chosen.isEmpty()) {
            throw new IllegalArgumentException("no protocol that this server has: " + list);
        }
        return SECURE.stream().filter(chosen::contains).toList();
    }

    private static List<String> named(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "all", "legacy", "secure", "default", "tlsv1" -> SECURE;
            case "tlsv1.2" -> List.of(V2);
            case "tlsv1.3" -> List.of(V3);
            case "tlsv1.0", "tlsv1.1" -> List.of();
            default -> throw new IllegalArgumentException("unknown protocol: " + word);
        };
    }
}
