package smtpd.filter.dnsbl;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which answers of a list count: patterns of addresses in 127/8, one of which must fit. An octet
/// is a number, a range `2-11`, `*`, or `&8`: any of these bits.
///
/// @param patterns as they were written
record Codes(List<String> patterns) {
    /// What counts when nothing is said: not what lists answer to those they refuse to serve
    /// (127.255.255.x, 127.0.0.1, 127.0.0.255).
    static final Codes OF_LISTS = new Codes(List.of("127.0-254.*.2-254"));

    /// What counts for a list of good senders.
    static final Codes OF_ALLOW_LISTS = new Codes(List.of("127.0.*.1-3"));

    private static final Pattern OCTET =
            Pattern.compile("(?<low>\\d{1,3})(?:-(?<high>\\d{1,3}))?|&(?<bits>\\d{1,3})|\\*");

    private static final int OCTETS = 4;
    private static final int OCTET_MAX = 255;

    /// Reads `127.0.0.2-11,127.0.0.20`.
    ///
    /// @throws IllegalArgumentException if it is not like that
    static Codes read(String text) {
        List<String> patterns = new ArrayList<>();
        for (String pattern : text.split(",", -1)) {
            String[] octets = pattern.split("\\.", -1);
            if (octets.length != OCTETS || !octets[0].equals("127")) {
                throw new IllegalArgumentException("not a code of 127.x.x.x: " + pattern);
            }
            for (String octet : octets) {
                checkOctet(octet);
            }
            patterns.add(pattern);
        }
        return new Codes(List.copyOf(patterns));
    }

    private static void checkOctet(String text) {
        Matcher octet = OCTET.matcher(text);
        if (!octet.matches() || !inRange(octet)) {
            throw new IllegalArgumentException("not an octet of a code: " + text);
        }
    }

    private static boolean inRange(Matcher octet) {
        for (String name : List.of("low", "high", "bits")) {
            String number = octet.group(name);
            if (number != null && Integer.parseInt(number) > OCTET_MAX) {
                return false;
            }
        }
        return true;
    }

    /// Whether an answer counts.
    ///
    /// @param address as DNS gives it
    boolean count(String address) {
        String[] octets = address.split("\\.", -1);
        return octets.length == OCTETS
                && patterns.stream().anyMatch(pattern -> fits(pattern.split("\\."), octets));
    }

    private static boolean fits(String[] pattern, String[] octets) {
        for (int i = 0; i < OCTETS; i++) {
            if (!fits(pattern[i], Integer.parseInt(octets[i]))) {
                return false;
            }
        }
        return true;
    }

    private static boolean fits(String pattern, int octet) {
        Matcher parts = OCTET.matcher(pattern);
        if (!parts.matches()) {
            throw new IllegalStateException(pattern);
        }
        String bits = parts.group("bits");
        String low = parts.group("low");
        if (bits != null) {
            return (octet & Integer.parseInt(bits)) != 0;
        }
        if (low == null) {
            return true;
        }
        String high = parts.group("high");
        int from = Integer.parseInt(low);
        return from <= octet && octet <= (high == null ? from : Integer.parseInt(high));
    }
}
