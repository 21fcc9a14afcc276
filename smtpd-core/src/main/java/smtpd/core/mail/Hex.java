package smtpd.core.mail;

import java.util.HexFormat;

/// Fixed-width lower-case hexadecimal.
final class Hex {
    private static final HexFormat FORMAT = HexFormat.of();

    private Hex() {}

    static String of(int value) {
        return FORMAT.toHexDigits(value);
    }

    static String of(long value) {
        return FORMAT.toHexDigits(value);
    }
}
