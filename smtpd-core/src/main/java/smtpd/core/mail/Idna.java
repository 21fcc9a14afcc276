package smtpd.core.mail;

import org.jspecify.annotations.Nullable;

import java.text.Normalizer;
import java.util.Locale;

/// Internationalized domain names (RFC 5890): the one form in which names are compared and asked
/// for, whether they were written with U-labels or with A-labels.
///
/// A label beyond ASCII is mapped to lower case and NFC (RFC 5895 §2) and must then be stable under
/// NFKC and hold only letters, digits, marks and hyphens (RFC 5892 §2, by the JDK's Unicode
/// tables). Departures: the contextual rules of RFC 5892 are not looked at, joiners are allowed
/// only between letters, and neither is the Bidi rule (RFC 5893): a name that no registry grants is
/// not found in DNS.
public final class Idna {
    private static final String PREFIX = "xn--";

    /// Longest label in octets (RFC 1035 §2.3.4).
    private static final int LABEL_MAX = 63;

    private static final int JOINER_NON = 0x200c;
    private static final int JOINER = 0x200d;

    private Idna() {}

    /// `domain` in lower case with A-labels in place of U-labels; a label that is neither stays as
    /// it is.
    public static String key(String domain) {
        if (isAscii(domain)) {
            return domain.toLowerCase(Locale.ROOT);
        }
        StringBuilder out = new StringBuilder(domain.length() + 16);
        int start = 0;
        for (int i = 0; i <= domain.length(); i++) {
            if (i == domain.length() || domain.charAt(i) == '.') {
                String label = domain.substring(start, i);
                out.append(labelKey(label));
                out.append(i == domain.length() ? "" : ".");
                start = i + 1;
            }
        }
        return out.toString();
    }

    private static String labelKey(String label) {
        if (isAscii(label)) {
            return label.toLowerCase(Locale.ROOT);
        }
        String ascii = toAscii(label);
        return ascii == null ? label : ascii;
    }

    /// Whether every label of `domain` beyond ASCII is a U-label, or differs from one by case only.
    public static boolean isName(String domain) {
        for (String label : domain.split("\\.", -1)) {
            if (!isAscii(label) && toAscii(label) == null) {
                return false;
            }
        }
        return true;
    }

    /// Whether all of `text` is ASCII.
    public static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable String toAscii(String label) {
        String mapped = map(label);
        if (mapped == null || !isULabel(mapped)) {
            return null;
        }
        String ascii = PREFIX + Punycode.encode(mapped.codePoints().toArray());
        return ascii.length() > LABEL_MAX ? null : ascii;
    }

    /// Each character in lower case, the whole composed; null if a character has an ASCII one for
    /// its lower case: the name would become another's.
    private static @Nullable String map(String label) {
        StringBuilder out = new StringBuilder(label.length());
        int point;
        for (int i = 0; i < label.length(); i += Character.charCount(point)) {
            point = label.codePointAt(i);
            int lower = Character.toLowerCase(point);
            if (point >= 0x80 && lower < 0x80) {
                return null;
            }
            out.appendCodePoint(lower);
        }
        return Normalizer.normalize(out, Normalizer.Form.NFC);
    }

    private static boolean isULabel(String label) {
        if (isAscii(label)
                || label.startsWith("-")
                || label.endsWith("-")
                || label.startsWith("--", 2)
                || isMark(label.codePointAt(0))
                || !Normalizer.isNormalized(label, Normalizer.Form.NFKC)) {
            return false;
        }
        int[] points = label.codePoints().toArray();
        for (int i = 0; i < points.length; i++) {
            boolean inside = i > 0 && i < points.length - 1;
            boolean joiner = points[i] == JOINER || points[i] == JOINER_NON;
            if (!(joiner ? inside : isAllowed(points[i]))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAllowed(int point) {
        return switch (Character.getType(point)) {
            case Character.LOWERCASE_LETTER,
                    Character.OTHER_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.DECIMAL_DIGIT_NUMBER ->
                    true;
            // ·, ・ and their like (RFC 5892 appendix A)
            default -> isMark(point) || point == '-' || point == 0xb7 || point == 0x30fb;
        };
    }

    private static boolean isMark(int point) {
        int type = Character.getType(point);
        return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
    }
}
