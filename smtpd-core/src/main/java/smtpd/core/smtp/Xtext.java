package smtpd.core.smtp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/// The encoding of ENVID, ORCPT and AUTH values (RFC 3461 §4): visible ASCII stands for itself,
/// `+`, `=` and everything else is `+` and two upper-case hexadecimal digits.
public final class Xtext {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private Xtext() {}

    /// The xtext of the UTF-8 bytes of `text`.
    public static String encode(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            if (octet > ' ' && octet <= '~' && octet != '+' && octet != '=') {
                out.append((char) octet);
            } else {
                out.append('+').append(HEX.toHexDigits(octet));
            }
        }
        return out.toString();
    }

    /// What `xtext` stands for; empty if it holds a character that is not allowed, a `+` without
    /// two upper-case hexadecimal digits, or bytes that are not UTF-8.
    public static Optional<String> decode(String xtext) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(xtext.length());
        for (int i = 0; i < xtext.length(); i++) {
            char c = xtext.charAt(i);
            if (c == '+') {
                int octet = hexPair(xtext, i + 1);
                if (octet < 0) {
                    return Optional.empty();
                }
                out.write(octet);
                i += 2;
            } else if (c <= ' ' || c > '~' || c == '=') {
                return Optional.empty();
            } else {
                out.write(c);
            }
        }
        return utf8(out.toByteArray());
    }

    /// An address beyond ASCII as the value of ORCPT (RFC 6533 §3, utf-8-addr-xtext): what is not
    /// visible ASCII, and `+`, `=` and `\\`, as `\\x{HEX}`.
    public static String encodeUtf8Address(String address) {
        StringBuilder out = new StringBuilder(address.length() + 16);
        address.codePoints()
                .forEach(point -> {
                    if (isPlain(point)) {
                        out.append((char) point);
                    } else {
                        out.append("\\x{").append(String.format("%02X", point)).append('}');
                    }
                });
        return out.toString();
    }

    /// The address that a value of ORCPT of type `utf-8` stands for (RFC 6533 §3):
    /// utf-8-addr-xtext, or with `utf8` characters beyond ASCII as themselves (utf-8-addr-unitext).
    /// Empty if it is neither, or stands for a control.
    public static Optional<String> decodeUtf8Address(String value, boolean utf8) {
        StringBuilder out = new StringBuilder(value.length());
        int point;
        for (int i = 0; i < value.length(); i += Character.charCount(point)) {
            point = value.codePointAt(i);
            if (point == '\\') {
                int close = value.indexOf('}', i);
                int embedded = embedded(value, i, close);
                if (embedded < 0) {
                    return Optional.empty();
                }
                out.appendCodePoint(embedded);
                i = close;
            } else if (isPlain(point) || (utf8 && point > 0x9f)) {
                out.appendCodePoint(point);
            } else {
                return Optional.empty();
            }
        }
        return out.isEmpty() ? Optional.empty() : Optional.of(out.toString());
    }

    /// The code point written as `\\x{HEX}` at `from`, -1 for what must not be written so.
    private static int embedded(String value, int from, int close) {
        if (!value.startsWith("\\x{", from) || close < from + 5 || close > from + 9) {
            return -1;
        }
        int point = 0;
        for (int i = from + 3; i < close; i++) {
            int digit = hexDigit(value.charAt(i));
            if (digit < 0) {
                return -1;
            }
            point = point * 16 + digit;
        }
        boolean control = point < ' ' || (point >= 0x7f && point <= 0x9f);
        boolean surrogate = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
        return control || surrogate || point > Character.MAX_CODE_POINT ? -1 : point;
    }

    /// QCHAR of RFC 6533 §3.
    private static boolean isPlain(int point) {
        return point > ' ' && point <= '~' && point != '+' && point != '=' && point != '\\';
    }

    private static int hexPair(String text, int at) {
        if (at + 2 > text.length()) {
            return -1;
        }
        int high = hexDigit(text.charAt(at));
        int low = hexDigit(text.charAt(at + 1));
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }

    /// RFC 3461 §4 has upper-case digits only.
    private static int hexDigit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    }

    private static Optional<String> utf8(byte[] bytes) {
        try {
            return Optional.of(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException _) {
            return Optional.empty();
        }
    }
}
