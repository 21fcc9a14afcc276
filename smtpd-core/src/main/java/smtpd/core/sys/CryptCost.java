package smtpd.core.sys;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What checking a password against a stored hash costs, read off the hash.
///
/// Whoever writes a table writes the cost of its hashes too; one that asks for hours or for all
/// memory is not computed. The schemes known here are those of crypt(5); any other is not computed
/// either, since its cost is unknown.
final class CryptCost {
    /// Most rounds of SHA-crypt: about a second. Its default is 5,000.
    static final int SHA_ROUNDS_MAX = 1_000_000;

    /// Most of bcrypt's cost exponent: about two seconds. Usual are 8 to 12.
    static final int BCRYPT_MAX = 15;

    /// Most memory of yescrypt and scrypt in bytes. Debian's default takes 16 MiB.
    static final long MEMORY_MAX = 128L << 20;

    /// Bytes of memory for each unit of scrypt's N times r.
    private static final long SCRYPT_BLOCK = 128;

    /// Most of scrypt's parallelism, which multiplies the time.
    private static final int SCRYPT_P_MAX = 16;

    private static final String DIGITS =
            "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static final Pattern SHA = Pattern.compile("\\$[56]\\$(?:rounds=(\\d{1,9})\\$)?.*");
    private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$(\\d\\d)\\$.*");

    /// Flavour, exponent of N, and r, each small enough for one digit; more parameters mean more
    /// passes.
    private static final Pattern YESCRYPT =
            Pattern.compile("\\$(?:y|gy)\\$[./0-9A-Za-j]([./0-9A-Za-j])([./0-9A-Za-j])\\$.*");

    private static final Pattern SCRYPT =
            Pattern.compile("\\$7\\$([./0-9A-Za-z])([./0-9A-Za-z]{5})([./0-9A-Za-z]{5}).*");

    /// Cheap ones: MD5-crypt, and the 13 characters of the oldest.
    private static final List<Pattern> CHEAP =
            List.of(Pattern.compile("\\$1\\$.*"), Pattern.compile("[./0-9A-Za-z]{13}"));

    private CryptCost() {}

    /// Whether a hash, or a setting for a new one, is of a known scheme and costs no more than it
    /// may.
    static boolean isBearable(String stored) {
        Matcher sha = SHA.matcher(stored);
        if (sha.matches()) {
            return sha.group(1) == null || Integer.parseInt(sha.group(1)) <= SHA_ROUNDS_MAX;
        }
        Matcher bcrypt = BCRYPT.matcher(stored);
        if (bcrypt.matches()) {
            return Integer.parseInt(bcrypt.group(1)) <= BCRYPT_MAX;
        }
        Matcher yescrypt = YESCRYPT.matcher(stored);
        if (yescrypt.matches()) {
            // both count from 1
            return fits(number(yescrypt.group(1)) + 1, number(yescrypt.group(2)) + 1);
        }
        Matcher scrypt = SCRYPT.matcher(stored);
        if (scrypt.matches()) {
            return number(scrypt.group(3)) <= SCRYPT_P_MAX
                    && fits(number(scrypt.group(1)), number(scrypt.group(2)));
        }
        return CHEAP.stream().anyMatch(scheme -> scheme.matcher(stored).matches());
    }

    private static boolean fits(int exponent, int r) {
        return exponent <= 30 && (SCRYPT_BLOCK << exponent) <= MEMORY_MAX / Math.max(1, r);
    }

    /// Six bits a digit, the lowest first.
    private static int number(String digits) {
        int number = 0;
        for (int i = digits.length() - 1; i >= 0; i--) {
            number = number << 6 | DIGITS.indexOf(digits.charAt(i));
        }
        return number;
    }
}
