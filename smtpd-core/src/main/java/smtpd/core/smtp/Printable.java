package smtpd.core.smtp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Text of a stranger made fit for a log line, a report or a terminal: whatever could end a line,
/// move a cursor or turn the direction of writing is shown as an escape.
public final class Printable {
    private static final String CUT = "...";

    private Printable() {}

    /// `text` with controls, invisible format characters, lone surrogates and the backslash itself
    /// written as `\r \n \t \\ \xNN \x{N}`; at most `max` characters, the last three being `...`
    /// when something was cut (`max` at least 3).
    public static String escape(String text, int max) {
        if (text.length() <= max && isPlain(text)) {
            return text;
        }
        StringBuilder out = new StringBuilder(Math.min(max, text.length() + 16));
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            String piece = point == '\\' ? "\\\\" : visible(point);
            if (out.length() + piece.length() > max) {
                return cut(out, max);
            }
            out.append(piece);
            i += Character.charCount(point);
        }
        return out.toString();
    }

    /// The same for bytes: as UTF-8 where they are UTF-8, each 8-bit byte as `\xNN` otherwise.
    public static String escape(byte[] bytes, int offset, int length, int max) {
        // An escape only ever lengthens: no more than 4 * max bytes can be shown.
        int shown = (int) Math.min(length, 4L * max);
        try {
            CharSequence text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes, offset, shown));
            String escaped = escape(text.toString(), max);
            return shown == length || escaped.endsWith(CUT) ? escaped : escaped + CUT;
        } catch (CharacterCodingException _) {
            return escapeOctets(bytes, offset, shown, max);
        }
    }

    /// `text` with everything that is not visible written as an escape, but the backslash left
    /// alone: doing it twice changes nothing.
    public static String line(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~') {
                return escapedLine(text);
            }
        }
        return text;
    }

    /// Bytes as text: UTF-8 where they are UTF-8, each 8-bit byte as `\xNN` otherwise.
    static String decode(byte[] bytes, int offset, int length) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, offset, length))
                    .toString();
        } catch (CharacterCodingException _) {
            StringBuilder out = new StringBuilder(length + 16);
            for (int i = offset; i < offset + length; i++) {
                int octet = bytes[i] & 0xff;
                out.append(octet < 0x80 ? Character.toString(octet) : coded(octet));
            }
            return out.toString();
        }
    }

    private static String escapedLine(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> out.append(visible(point)));
        return out.toString();
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == '\\') {
                return false;
            }
        }
        return true;
    }

    private static String visible(int point) {
        return switch (point) {
            case '\r' -> "\\r";
            case '\n' -> "\\n";
            case '\t' -> "\\t";
            default -> isVisible(point) ? Character.toString(point) : coded(point);
        };
    }

    private static boolean isVisible(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }

    private static String coded(int point) {
        return point < 0x100
                ? String.format("\\x%02x", point)
                : "\\x{" + Integer.toHexString(point) + "}";
    }

    private static String escapeOctets(byte[] bytes, int offset, int length, int max) {
        StringBuilder out = new StringBuilder(Math.min(max, length + 16));
        for (int i = offset; i < offset + length; i++) {
            int octet = bytes[i] & 0xff;
            String piece = octet == '\\' ? "\\\\" : octet < 0x80 ? visible(octet) : coded(octet);
            if (out.length() + piece.length() > max) {
                return cut(out, max);
            }
            out.append(piece);
        }
        return out.toString();
    }

    private static String cut(StringBuilder out, int max) {
        out.setLength(Math.min(out.length(), max - CUT.length()));
        return out.append(CUT).toString();
    }
}
