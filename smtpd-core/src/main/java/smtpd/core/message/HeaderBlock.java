package smtpd.core.message;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The header of one message (RFC 5322 §2.2), gathered line by line from the pieces it comes in.
/// Knows where each field begins and ends; holds the bytes as they came.
final class HeaderBlock {
    /// Most octets of a header: ten times what long mailing-list chains reach.
    static final int OCTETS_MAX = 256 * 1024;

    /// Most fields of a header; a hundred trace fields are already a loop.
    static final int FIELDS_MAX = 1000;

    /// Per field: start, end of the name, start of the value. One more start ends the last field.
    private static final int MARKS = 3;

    private byte[] buffer = new byte[2048];
    private int length;
    private int lineStart;
    private int[] marks = new int[MARKS * 32];
    private int fields;
    private int fieldsEnd;
    private End end = End.OPEN;

    /// How a header ends.
    enum End {
        /// Not yet.
        OPEN,
        /// At an empty line, or with the message.
        COMPLETE,
        /// At a line that is no header field.
        BAD_LINE,
        /// Over a limit.
        TOO_BIG
    }

    /// Takes bytes until the header ends; returns how many were taken.
    int append(byte[] in, int offset, int count) {
        int at = offset;
        int stop = offset + count;
        while (at < stop && end == End.OPEN) {
            int lf = at;
            while (lf < stop && in[lf] != '\n') {
                lf++;
            }
            boolean whole = lf < stop;
            int to = whole ? lf + 1 : stop;
            if (length + (to - at) > OCTETS_MAX) {
                end = End.TOO_BIG;
                return at - offset;
            }
            keep(in, at, to - at);
            at = to;
            if (whole) {
                line();
            }
        }
        return at - offset;
    }

    /// The message ends here: so does its header.
    void finish() {
        if (end == End.OPEN && lineStart < length) {
            line();
        }
        if (end == End.OPEN) {
            end = End.COMPLETE;
        }
    }

    private void keep(byte[] in, int offset, int count) {
        if (length + count > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(length + count, buffer.length * 2));
        }
        System.arraycopy(in, offset, buffer, length, count);
        length += count;
    }

    /// Judges the line from [#lineStart] to [#length].
    private void line() {
        byte first = buffer[lineStart];
        if (first == '\n' || (first == '\r' && length - lineStart == 2)) {
            end = End.COMPLETE;
            return;
        }
        boolean folded = first == ' ' || first == '\t';
        if (folded ? fields == 0 : !field()) {
            end = end == End.OPEN ? End.BAD_LINE : end;
            return;
        }
        lineStart = length;
        fieldsEnd = length;
    }

    /// A line that begins a field: a name, perhaps blanks (RFC 5322 §4.5), a colon.
    private boolean field() {
        int nameEnd = lineStart;
        while (nameEnd < length
                && buffer[nameEnd] > ' '
                && buffer[nameEnd] < 0x7f
                && buffer[nameEnd] != ':') {
            nameEnd++;
        }
        int colon = nameEnd;
        while (colon < length && (buffer[colon] == ' ' || buffer[colon] == '\t')) {
            colon++;
        }
        if (nameEnd == lineStart || colon == length || buffer[colon] != ':') {
            return false;
        }
        if (fields == FIELDS_MAX) {
            end = End.TOO_BIG;
            return false;
        }
        if (MARKS * (fields + 1) > marks.length) {
            marks = Arrays.copyOf(marks, marks.length * 2);
        }
        marks[MARKS * fields] = lineStart;
        marks[MARKS * fields + 1] = nameEnd;
        marks[MARKS * fields + 2] = colon + 1;
        fields++;
        return true;
    }

    End end() {
        return end;
    }

    /// The bytes taken so far, not to be written to; valid up to [#length()].
    byte[] buffer() {
        return buffer;
    }

    /// How many bytes were taken, the empty line or the bad line included.
    int length() {
        return length;
    }

    /// Where the last field ends, and the empty line or whatever else stands begins.
    int fieldsEnd() {
        return fieldsEnd;
    }

    int fields() {
        return fields;
    }

    int start(int field) {
        return marks[MARKS * field];
    }

    int valueStart(int field) {
        return marks[MARKS * field + 2];
    }

    /// Behind the line end of the field's last line.
    int end(int field) {
        return field + 1 < fields ? start(field + 1) : fieldsEnd;
    }

    /// Whether the field's name is `name`, which is in lower case.
    boolean is(int field, String name) {
        int start = start(field);
        if (marks[MARKS * field + 1] - start != name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            int octet = buffer[start + i];
            int lower = octet >= 'A' && octet <= 'Z' ? octet + 32 : octet;
            if (lower != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /// The field's value without line ends (RFC 5322 §2.2.3) and surrounding blanks.
    String value(int field) {
        int from = valueStart(field);
        String text = new String(buffer, from, end(field) - from, StandardCharsets.UTF_8);
        return text.replace("\r", "").replace("\n", "").strip();
    }
}
