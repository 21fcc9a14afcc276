package smtpd.core.smtp;

import smtpd.core.mail.Idna;

/// The syntax of domains and address literals (RFC 5321 §4.1.2, §4.1.3).
///
/// An underscore is allowed in a label: OpenSMTPD: `x_y.org` and `HELO my_host` are accepted, and
/// such hosts exist.
public final class Domains {
    /// Longest domain in octets (RFC 5321 §4.5.3.1.2).
    public static final int DOMAIN_MAX = 255;

    /// Longest label in octets (RFC 1035 §2.3.4).
    public static final int LABEL_MAX = 63;

    private Domains() {}

    /// Whether `text` may follow HELO, EHLO or LHLO: a domain or an address literal.
    public static boolean isHelo(String text) {
        return isDomain(text, false) || isLiteral(text);
    }

    /// Whether `text` may follow the `@` of an address; with `utf8` labels may hold letters beyond
    /// ASCII (RFC 6531 §3.3), as long as they are labels (RFC 5890 §2.3.2.1).
    public static boolean isMailDomain(String text, boolean utf8) {
        return (isDomain(text, utf8) && Idna.isName(text)) || isLiteral(text);
    }

    /// Whether `text` is dot-separated labels of letters, digits, hyphens and underscores, none
    /// empty nor with a hyphen at either end.
    public static boolean isDomain(String text, boolean utf8) {
        if (text.isEmpty() || octets(text) > DOMAIN_MAX) {
            return false;
        }
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == '.') {
                if (!isLabel(text, start, i)) {
                    return false;
                }
                start = i + 1;
            } else if (!isLabelChar(text.charAt(i), utf8)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLabel(String text, int start, int end) {
        return end > start
                && octets(text.substring(start, end)) <= LABEL_MAX
                && text.charAt(start) != '-'
                && text.charAt(end - 1) != '-';
    }

    private static boolean isLabelChar(char c, boolean utf8) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_'
                || (utf8 && c > 0x9f);
    }

    /// Length of `text` in octets of UTF-8.
    static int octets(String text) {
        int octets = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // A surrogate pair is two chars and four octets.
            octets += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return octets;
    }

    /// Whether `text` is `[1.2.3.4]` or `[IPv6:...]`; a general literal of another kind and an
    /// address with a zone (`%eth0`) are not.
    public static boolean isLiteral(String text) {
        if (text.length() < 3 || text.charAt(0) != '[' || !text.endsWith("]")) {
            return false;
        }
        String inside = text.substring(1, text.length() - 1);
        return inside.regionMatches(true, 0, "IPv6:", 0, 5)
                ? isIpv6(inside.substring(5))
                : isIpv4(inside);
    }

    /// Whether `text` is four decimal numbers from 0 to 255, without superfluous zeros.
    public static boolean isIpv4(String text) {
        String[] parts = text.split("\\.", 5);
        if (parts.length != 4) {
            return false;
        }
        for (String part : parts) {
            if (!isOctet(part)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOctet(String part) {
        if (part.isEmpty() || part.length() > 3 || (part.length() > 1 && part.charAt(0) == '0')) {
            return false;
        }
        int value = 0;
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c < '0' || c > '9') {
                return false;
            }
            value = value * 10 + (c - '0');
        }
        return value <= 255;
    }

    /// Whether `text` is an IPv6 address in one of the forms of RFC 4291 §2.2: eight groups, fewer
    /// with one `::`, the last two as an IPv4 address; no zone.
    public static boolean isIpv6(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return groups(text, true) == 8;
        }
        if (text.indexOf("::", gap + 1) >= 0) {
            return false;
        }
        String left = text.substring(0, gap);
        String right = text.substring(gap + 2);
        int before = left.isEmpty() ? 0 : groups(left, false);
        int after = right.isEmpty() ? 0 : groups(right, true);
        return before >= 0 && after >= 0 && before + after <= 7;
    }

    /// How many 16-bit groups `text` has; -1 if one is not a group.
    private static int groups(String text, boolean ipv4AtEnd) {
        String[] parts = text.split(":", 9);
        int count = 0;
        for (int i = 0; i < parts.length; i++) {
            if (ipv4AtEnd && i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
                if (!isIpv4(parts[i])) {
                    return -1;
                }
                count += 2;
            } else if (isGroup(parts[i])) {
                count++;
            } else {
                return -1;
            }
        }
        return count;
    }

    private static boolean isGroup(String part) {
        if (part.isEmpty() || part.length() > 4) {
            return false;
        }
        for (int i = 0; i < part.length(); i++) {
            if (Character.digit(part.charAt(i), 16) < 0 || part.charAt(i) > 'f') {
                return false;
            }
        }
        return true;
    }
}
