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
