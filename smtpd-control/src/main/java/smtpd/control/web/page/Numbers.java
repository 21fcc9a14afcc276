package smtpd.control.web.page;

import java.util.Locale;

/// Numbers as people read them.
final class Numbers {
    private static final long KIBI = 1024;

    private Numbers() {}

    /// With its thousands apart.
    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value).replace(',', '\u202f');
    }

    /// In four characters or so, for a scale.
    static String brief(long value) {
        if (value >= 1_000_000_000) {
            return trimmed(value / 1e9) + "G";
        }
        if (value >= 1_000_000) {
            return trimmed(value / 1e6) + "M";
        }
        return value >= 10_000 ? trimmed(value / 1e3) + "k" : Long.toString(value);
    }

    private static String trimmed(double value) {
        String text = String.format(Locale.ROOT, "%.1f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    /// Bytes, in MB of 1,048,576.
    static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f", (double) bytes / (KIBI * KIBI));
    }
}
