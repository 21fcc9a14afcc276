package smtpd.filter.dnsbl;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/// The names that are asked for (RFC 5782 §2.1, §2.2, §2.4).
final class Names {
    private static final Pattern DOMAIN =
            Pattern.compile(
                    "(?=.{1,200}$)[a-z0-9_]([a-z0-9_-]{0,62})(\\.[a-z0-9_]([a-z0-9_-]{0,62}))+");

    private static final int NIBBLE = 4;
    private static final int LOW = 0xf;
    private static final int BYTE = 0xff;

    private Names() {}

    /// An address back to front: octets of IPv4, nibbles of IPv6.
    static String ofAddress(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean isV6 = bytes.length > Integer.BYTES;
        StringBuilder name = new StringBuilder();
        for (int i = bytes.length - 1; i >= 0; i--) {
            if (!name.isEmpty()) {
                name.append('.');
            }
            if (isV6) {
                name.append(Integer.toHexString(bytes[i] & LOW))
                        .append('.')
                        .append(Integer.toHexString((bytes[i] & BYTE) >> NIBBLE));
            } else {
                name.append(bytes[i] & BYTE);
            }
        }
        return name.toString();
    }

    /// The domain in the form that is asked for; null for what is none: an address, a name without
    /// a dot, `<unknown>`.
    static @Nullable String ofDomain(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        boolean isAddress = name.matches("[\\d.]+");
        return !isAddress && DOMAIN.matcher(name).matches() ? name : null;
    }
}
