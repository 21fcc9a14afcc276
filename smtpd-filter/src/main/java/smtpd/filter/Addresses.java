package smtpd.filter;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;

/// Reads addresses without ever asking a name server.
final class Addresses {
    private Addresses() {}

    /// The address a literal stands for; null for anything else.
    static @Nullable InetAddress literal(String text) {
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /// The address in `192.0.2.1:25` or `[2001:db8::1]:25`; null if there is none.
    static @Nullable InetAddress ofEndpoint(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        String host = colon < 0 ? endpoint : endpoint.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        return literal(bracketed ? host.substring(1, host.length() - 1) : host);
    }

    static String domain(String address) {
        int at = address.lastIndexOf('@');
        return at < 0 ? "" : address.substring(at + 1);
    }
}
