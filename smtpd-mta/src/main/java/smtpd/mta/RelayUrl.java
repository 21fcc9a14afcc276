package smtpd.mta;

import java.util.Locale;
import java.util.Optional;

/// A relay host as it is configured: `[schema://][label@]host[:port]` (smtpd.conf(5), `host`).
///
/// @param scheme how it is spoken to
/// @param label names the credentials; empty for none
/// @param host lower-case host name or literal address without brackets
/// @param port 1 to 65535
public record RelayUrl(Scheme scheme, String label, String host, int port) {
    private static final int PORT_MAX = 65_535;

    /// Reads a URL; empty if it is none: unknown schema, no host, bad port, `lmtp` without a port,
    /// credentials where nothing would be encrypted.
    public static Optional<RelayUrl> parse(String text) {
        int mark = text.indexOf("://");
        Optional<Scheme> scheme =
                mark < 0
                        ? Optional.of(Scheme.SMTP)
                        : Scheme.of(text.substring(0, mark).toLowerCase(Locale.ROOT));
        String rest = mark < 0 ? text : text.substring(mark + 3);
        return scheme.flatMap(known -> authority(known, rest));
    }

    private static Optional<RelayUrl> authority(Scheme scheme, String text) {
        int at = text.lastIndexOf('@');
        String label = at < 0 ? "" : text.substring(0, at);
        if (at == 0 || (at > 0 && !scheme.security().needsTls())) {
            return Optional.empty();
        }
        String place = text.substring(at + 1);
        int close = place.startsWith("[") ? place.indexOf(']') : -1;
        if (place.startsWith("[") && close < 0) {
            return Optional.empty();
        }
        int colon = place.indexOf(':', Math.max(close, 0));
        if (close > 0 && close + 1 < place.length() && colon != close + 1) {
            return Optional.empty();
        }
        String host = colon < 0 ? place : place.substring(0, colon);
        int port = colon < 0 ? scheme.port() : portOf(place.substring(colon + 1));
        String bare = close > 0 ? host.substring(1, close) : host;
        return bare.isEmpty() || port < 1 || !isPlain(bare)
                ? Optional.empty()
                : Optional.of(new RelayUrl(scheme, label, bare.toLowerCase(Locale.ROOT), port));
    }

    private static int portOf(String text) {
        boolean digits = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || text.length() > 5) {
            return -1;
        }
        int port = Integer.parseInt(text);
        return port <= PORT_MAX ? port : -1;
    }

    private static boolean isPlain(String host) {
        return host.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '/' && c != '[' && c != ']');
    }

    @Override
    public String toString() {
        String place = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return scheme.word() + "://" + (label.isEmpty() ? "" : label + "@") + place + ":" + port;
    }
}
