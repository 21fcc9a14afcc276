package smtpd.filter.wire;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A place in a line of fields.
final class Cursor {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{16}");
    private static final Pattern VERSION = Pattern.compile("0\\.(\\d{1,4})");
    private static final Pattern TIME = Pattern.compile("(\\d{1,12})\\.(\\d{6})");

    /// Before it the fields were others.
    private static final int MINOR_MIN = 7;

    private static final int NANOS_IN_MICRO = 1000;
    private static final int SHOWN_MAX = 200;

    private final String line;
    private int at;

    /// @param line one character for each byte
    Cursor(String line) {
        this.line = line;
    }

    boolean isAtEnd() {
        return at > line.length();
    }

    /// The next field.
    String field(String what) throws ProtocolException {
        if (isAtEnd()) {
            throw wrong(what);
        }
        int bar = line.indexOf('|', at);
        int end = bar < 0 ? line.length() : bar;
        String field = line.substring(at, end);
        at = end + 1;
        if (field.isEmpty()) {
            throw wrong(what);
        }
        return field;
    }

    String id(String what) throws ProtocolException {
        String id = field(what);
        if (!ID.matcher(id).matches()) {
            throw wrong(what);
        }
        return id;
    }

    void version() throws ProtocolException {
        Matcher version = VERSION.matcher(field("a version"));
        if (!version.matches() || Integer.parseInt(version.group(1)) < MINOR_MIN) {
            throw wrong("a version from 0.7");
        }
    }

    Instant time() throws ProtocolException {
        Matcher time = TIME.matcher(field("a time"));
        if (!time.matches()) {
            throw wrong("a time");
        }
        return Instant.ofEpochSecond(
                Long.parseLong(time.group(1)),
                (long) Integer.parseInt(time.group(2)) * NANOS_IN_MICRO);
    }

    /// What is left, one character for each byte; empty if nothing is.
    String rawRest() {
        String rest = isAtEnd() ? "" : line.substring(at);
        at = line.length() + 1;
        return rest;
    }

    /// What is left, as text.
    String rest() {
        String raw = rawRest();
        boolean ascii = raw.chars().allMatch(each -> each < 0x80);
        return ascii
                ? raw
                : new String(raw.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private ProtocolException wrong(String wanted) {
        String shown = line.length() > SHOWN_MAX ? line.substring(0, SHOWN_MAX) + "..." : line;
        return new ProtocolException("not " + wanted + " in: " + shown);
    }
}
