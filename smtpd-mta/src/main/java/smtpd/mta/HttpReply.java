package smtpd.mta;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Reads the answer to a request for a policy (RFC 9112): only 200 with a short `text/plain` will
/// do (RFC 8461 §3.3).
final class HttpReply {
    /// Longest text (RFC 8461 §3.3 suggests 64 kB).
    static final int TEXT_MAX = 64 * 1024;

    /// Longest line, and most lines, of the head.
    static final int LINE_MAX = 8 * 1024;

    static final int HEAD_LINES_MAX = 100;

    private static final int OK = 200;
    private static final long UNTIL_CLOSED = -1;
    private static final long CHUNKED = -2;

    private final InputStream in;

    private HttpReply(InputStream in) {
        this.in = in;
    }

    /// The text of an answer.
    ///
    /// @throws IOException if it is anything else, saying what
    static String text(InputStream in) throws IOException {
        return new HttpReply(in).read();
    }

    private String read() throws IOException {
        String status = line();
        if (!status.matches("HTTP/1[.][01] [0-9]{3}( .*)?")) {
            throw new IOException("not HTTP");
        }
        int code = Integer.parseInt(status.substring(9, 12));
        if (code != OK) {
            throw new IOException("HTTP status " + code);
        }
        long length = UNTIL_CLOSED;
        String type = "";
        int lines = 0;
        for (String line = line(); !line.isEmpty(); line = line()) {
            if (++lines > HEAD_LINES_MAX) {
                throw new IOException("too many header fields");
            }
            int colon = Math.max(line.indexOf(':'), 0);
            String value = line.substring(Math.min(colon + 1, line.length())).strip();
            switch (line.substring(0, colon).toLowerCase(Locale.ROOT)) {
                case "content-type" -> type = value;
                case "content-length" -> length = length == CHUNKED ? length : number(value, 10);
                case "transfer-encoding" -> length = chunked(value);
                default -> {}
            }
        }
        if (!type.toLowerCase(Locale.ROOT).matches("text/plain[ \t]*(;.*)?")) {
            throw new IOException("content type is not text/plain");
        }
        return body(length);
    }

    private static long chunked(String value) throws IOException {
        if (!value.equalsIgnoreCase("chunked")) {
            throw new IOException("unknown transfer encoding");
        }
        return CHUNKED;
    }

    private static long number(String digits, int radix) throws IOException {
        try {
            if (digits.isEmpty() || digits.length() > 15 || digits.startsWith("+")) {
                throw new IOException("bad length");
            }
            long number = Long.parseLong(digits, radix);
            if (number < 0 || number > TEXT_MAX) {
                throw new IOException("longer than " + TEXT_MAX + " bytes");
            }
            return number;
        } catch (NumberFormatException e) {
            throw new IOException("bad length", e);
        }
    }

    private String body(long length) throws IOException {
        byte[] bytes;
        if (length == CHUNKED) {
            bytes = chunks();
        } else if (length == UNTIL_CLOSED) {
            bytes = in.readNBytes(TEXT_MAX + 1);
        } else {
            bytes = in.readNBytes((int) length);
            if (bytes.length < length) {
                throw new EOFException("closed too early");
            }
        }
        if (bytes.length > TEXT_MAX) {
            throw new IOException("longer than " + TEXT_MAX + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /// RFC 9112 §7.1.
    private byte[] chunks() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            String head = line();
            int end = head.indexOf(';');
            int size = (int) number((end < 0 ? head : head.substring(0, end)).strip(), 16);
            if (size == 0) {
                return all.toByteArray();
            }
            byte[] chunk = in.readNBytes(size);
            if (chunk.length < size || !line().isEmpty()) {
                throw new EOFException("closed too early");
            }
            all.writeBytes(chunk);
            if (all.size() > TEXT_MAX) {
                throw new IOException("longer than " + TEXT_MAX + " bytes");
            }
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("closed too early");
            }
            if (line.length() >= LINE_MAX) {
                throw new IOException("line too long");
            }
            line.append((char) c);
        }
        int length = line.length();
        return length > 0 && line.charAt(length - 1) == '\r'
                ? line.substring(0, length - 1)
                : line.toString();
    }
}
