package smtpd.core.sasl;

import java.text.Normalizer;
import java.util.Optional;

/// Makes names and passwords that look the same be the same (SASLprep, RFC 4013).
///
/// Unassigned code points are let through: what was stored once must stay usable with a newer
/// Unicode (RFC 4013 §2.5 forbids them in stored strings only).
public final class SaslPrep {
    private SaslPrep() {}

    /// The prepared form of a text; empty when it holds a character that none may have, or mixes
    /// directions (RFC 4013 §2.3, §2.4).
    public static Optional<String> prepare(String text) {
        if (text.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            return Optional.of(text);
        }
        StringBuilder mapped = new StringBuilder(text.length());
        text.codePoints().filter(c -> !isNothing(c)).forEach(c -> mapped.appendCodePoint(space(c)));
        String normal = Normalizer.normalize(mapped, Normalizer.Form.NFKC);
        boolean allowed = normal.codePoints().noneMatch(SaslPrep::isProhibited);
        return allowed && isOneDirection(normal) ? Optional.of(normal) : Optional.empty();
    }

    /// RFC 3454 §B.1: characters that nobody sees.
    private static boolean isNothing(int c) {
        return c == 0xad
                || c == 0x34f
                || c == 0x1806
                || (c >= 0x180b && c <= 0x180d)
                || (c >= 0x200b && c <= 0x200d)
                || c == 0x2060
                || (c >= 0xfe00 && c <= 0xfe0f)
                || c == 0xfeff;
    }

    /// RFC 4013 §2.1: every space is one.
    private static int space(int c) {
        return Character.getType(c) == Character.SPACE_SEPARATOR ? ' ' : c;
    }

    /// RFC 3454 §C.2 to §C.9, as far as normalization leaves them.
    private static boolean isProhibited(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    true;
            default ->
                    (c & 0xfffe) == 0xfffe
                            || (c >= 0xfdd0 && c <= 0xfdef)
                            || (c >= 0xfff9 && c <= 0xfffd)
                            || (c >= 0x2ff0 && c <= 0x2ffb)
                            || c == 0x340
                            || c == 0x341;
        };
    }

    /// RFC 3454 §6: what has a letter written from right to left begins and ends with one and has
    /// none of the other direction.
    private static boolean isOneDirection(String text) {
        if (text.codePoints().noneMatch(SaslPrep::isRightToLeft)) {
            return true;
        }
        return isRightToLeft(text.codePointAt(0))
                && isRightToLeft(text.codePointBefore(text.length()))
                && text.codePoints()
                        .noneMatch(c ->
                                Character.getDirectionality(c)
                                        == Character.DIRECTIONALITY_LEFT_TO_RIGHT);
    }

    private static boolean isRightToLeft(int c) {
        byte direction = Character.getDirectionality(c);
        return direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
    }
}
