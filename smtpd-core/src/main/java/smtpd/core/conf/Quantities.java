package smtpd.core.conf;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Delays and sizes as the language writes them.
final class Quantities {
    private static final String UNITS = "BKMGTPE";

    private static final Pattern DELAY = Pattern.compile("\\s*[+]?0*([0-9]{1,10})([smhd])");

    /// OpenSMTPD: `scan_scaled`, in which every part may be missing, and what follows the unit does
    /// not matter unless it goes on as a word.
    private static final Pattern SIZE =
            Pattern.compile(
                    "\\s*[+]?([0-9]{0,20})([.][0-9]{0,18})?[0-9]*"
                            + "(?:([BKMGTPE])(?:[^A-Za-z0-9].*)?)?",
                    Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private Quantities() {}

    /// A positive number and one of `s m h d`; negative when it is neither, zero never.
    static Duration delay(String text) {
        Duration bad = Duration.ofSeconds(-1);
        Matcher matcher = DELAY.matcher(text);
        if (!matcher.matches()) {
            return bad;
        }
        long number = Long.parseLong(matcher.group(1));
        long factor =
                switch (matcher.group(2)) {
                    case "s" -> 1;
                    case "m" -> 60;
                    case "h" -> 3600;
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
    /// negative when it is none. Nothing at all is 0.
    static long size(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            return -1;
        }
        String fraction = matcher.group(2);
        String unit = matcher.group(3);
        int power = unit == null ? 0 : UNITS.indexOf(unit.toUpperCase(Locale.ROOT));
        String digits = "0" + matcher.group(1) + (fraction == null ? "" : fraction + "0");
        BigDecimal bytes = new BigDecimal(digits).multiply(BigDecimal.valueOf(1L << (10 * power)));
        boolean inRange = bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0;
        return inRange ? bytes.longValue() : -1;
    }
}
