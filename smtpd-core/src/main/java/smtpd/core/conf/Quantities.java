package smtpd.core.conf;

import java.math.BigDecimal;
import java.time.Duration;

/// Delays and sizes as the language writes them.
final class Quantities {
    private static final String UNITS = "BKMGTPE";

    private Quantities() {}

    /// A positive number and one of `s m h d`; negative when it is neither, zero never.
    static Duration delay(String text) {
        Duration bad = Duration.ofSeconds(-1);
        if (!text.matches("[+]?[0-9]{1,10}[smhd]")) {
            return bad;
        }
        long number = Long.parseLong(text.substring(0, text.length() - 1));
        long factor =
                switch (text.charAt(text.length() - 1)) {
                    case 's' -> 1;
                    case 'm' -> 60;
                    case 'h' -> 3600;
                    default -> 86400;
                };
        boolean inRange = number >= 1 && number <= Integer.MAX_VALUE / factor;
        return inRange ? Duration.ofSeconds(number * factor) : bad;
    }

    /// The delay in the largest unit that holds it.
    static String delay(Duration delay) {
        long seconds = delay.toSeconds();
        if (seconds % 86400 == 0) {
            return seconds / 86400 + "d";
        }
        if (seconds % 3600 == 0) {
            return seconds / 3600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    /// A number with an optional fraction and an optional unit (a power of 1024), in bytes;
    /// negative when it is none.
    static long size(String text) {
        if (!text.matches("[+]?[0-9]{1,18}([.][0-9]{1,18})?[bBkKmMgGtTpPeE]?")) {
            return -1;
        }
        String upper = text.toUpperCase(java.util.Locale.ROOT);
        int power = UNITS.indexOf(upper.charAt(upper.length() - 1));
        String digits = power < 0 ? upper : upper.substring(0, upper.length() - 1);
        BigDecimal bytes =
                new BigDecimal(digits)
                        .multiply(BigDecimal.valueOf(1L << (10 * Math.max(power, 0))));
        boolean inRange = bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0;
        return inRange ? bytes.longValue() : -1;
    }
}
