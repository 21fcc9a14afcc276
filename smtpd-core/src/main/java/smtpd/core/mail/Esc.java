package smtpd.core.mail;

import java.util.Optional;

/// An enhanced mail system status code (RFC 3463 §2): class.subject.detail.
///
/// @param status the class: 2 success, 4 persistent transient, 5 permanent
/// @param subject 0 to 999
/// @param detail 0 to 999
public record Esc(int status, int subject, int detail) {
    /// Refuses a class other than 2, 4, 5 and parts outside 0 to 999.
    public Esc {
        if (status != 2 && status != 4 && status != 5) {
            throw new IllegalArgumentException("enhanced status class " + status);
        }
        if (subject < 0 || subject > 999 || detail < 0 || detail > 999) {
            throw new IllegalArgumentException(
                    "enhanced status " + status + "." + subject + "." + detail);
        }
    }

    /// Reads `c.s.d` at the start of `text`, followed by its end or a blank; empty if there is
    /// none.
    public static Optional<Esc> leading(String text) {
        int end = text.indexOf(' ');
        String[] parts = (end < 0 ? text : text.substring(0, end)).split("\\.", 4);
        if (parts.length != 3) {
            return Optional.empty();
        }
        int[] numbers = new int[3];
        for (int i = 0; i < 3; i++) {
            if (parts[i].isEmpty()
                    || parts[i].length() > 3
                    || !parts[i].chars().allMatch(c -> c >= '0' && c <= '9')) {
                return Optional.empty();
            }
            numbers[i] = Integer.parseInt(parts[i]);
        }
        boolean known = numbers[0] == 2 || numbers[0] == 4 || numbers[0] == 5;
        return known ? Optional.of(new Esc(numbers[0], numbers[1], numbers[2])) : Optional.empty();
    }

    /// Reads exactly `c.s.d`; throws [IllegalArgumentException] otherwise.
    public static Esc parse(String text) {
        return leading(text)
                .filter(esc -> esc.toString().length() == text.length())
                .orElseThrow(() -> new IllegalArgumentException("enhanced status code: " + text));
    }

    @Override
    public String toString() {
        return status + "." + subject + "." + detail;
    }
}
