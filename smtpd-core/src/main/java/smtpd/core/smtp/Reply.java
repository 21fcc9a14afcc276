package smtpd.core.smtp;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Esc;
import smtpd.core.mail.Outcome;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// An SMTP reply (RFC 5321 §4.2): a code, an enhanced code where there is one, and lines of text.
///
/// No line can hold a line end or any other control: they are written as escapes when the reply is
/// made, so that text of a filter, a table or a remote server can never become a second reply.
///
/// @param code 200 to 599
/// @param esc the enhanced status code (RFC 2034), repeated on each line of the wire form; its
///   class is that of the code
/// @param lines the text without codes; at least one line
public record Reply(int code, @Nullable Esc esc, List<String> lines) {
    /// Longest text of one line we send, in characters: RFC 5321 §4.5.3.1.5 allows 512 octets with
    /// code and line end; a longer text is cut when it is written.
    public static final int LINE_MAX = 490;

    /// Refuses a code outside 200 to 599, an enhanced code of another class, and no line at all.
    public Reply {
        if (code < 200 || code > 599) {
            throw new IllegalArgumentException("reply code " + code);
        }
        if (esc != null && esc.status() != code / 100) {
            throw new IllegalArgumentException("enhanced code " + esc + " with " + code);
        }
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("a reply without a line");
        }
        lines = lines.stream().map(Printable::line).toList();
    }

    /// What the first digit says (RFC 5321 §4.2.1).
    public enum Kind {
        /// 2yz: done.
        COMPLETED,
        /// 3yz: go on.
        INTERMEDIATE,
        /// 4yz: not now.
        TRANSIENT,
        /// 5yz: no.
        PERMANENT
    }

    /// A reply of one or more lines without an enhanced code.
    public static Reply of(int code, String... lines) {
        return new Reply(code, null, List.of(lines));
    }

    /// A reply of one or more lines with an enhanced code in its text form, `5.1.1`.
    public static Reply esc(int code, String esc, String... lines) {
        return new Reply(code, Esc.parse(esc), List.of(lines));
    }

    /// Reads `CODE [ESC] text` as filters, alias tables and stored errors write it; empty if the
    /// text does not begin with a code from 200 to 599 followed by a blank or the end.
    public static Optional<Reply> parse(String line) {
        int code = codeOf(line);
        if (code < 0 || (line.length() > 3 && line.charAt(3) != ' ')) {
            return Optional.empty();
        }
        return Optional.of(received(code, List.of(line.length() > 4 ? line.substring(4) : "")));
    }

    /// A reply as it came: an enhanced code that begins the first line and fits `code` is taken off
    /// each line that repeats it.
    static Reply received(int code, List<String> texts) {
        Esc esc =
                Esc.leading(texts.getFirst())
                        .filter(found -> found.status() == code / 100)
                        .orElse(null);
        if (esc == null) {
            return new Reply(code, null, texts);
        }
        String mark = esc.toString();
        return new Reply(code, esc, texts.stream().map(text -> without(mark, text)).toList());
    }

    private static String without(String mark, String text) {
        if (text.equals(mark)) {
            return "";
        }
        return text.startsWith(mark + " ") ? text.substring(mark.length() + 1) : text;
    }

    /// The code in the first three characters, or -1.
    static int codeOf(String line) {
        if (line.length() < 3) {
            return -1;
        }
        int code = 0;
        for (int i = 0; i < 3; i++) {
            char c = line.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            code = code * 10 + (c - '0');
        }
        return code >= 200 && code <= 599 ? code : -1;
    }

    /// What the first digit says.
    public Kind kind() {
        return switch (code / 100) {
            case 2 -> Kind.COMPLETED;
            case 3 -> Kind.INTERMEDIATE;
            case 4 -> Kind.TRANSIENT;
            default -> Kind.PERMANENT;
        };
    }

    /// The delivery outcome a client draws from it: 2yz ok, 5yz permfail, all else tempfail.
    public Outcome outcome() {
        return switch (kind()) {
            case COMPLETED -> Outcome.OK;
            case PERMANENT -> Outcome.PERMFAIL;
            case INTERMEDIATE, TRANSIENT -> Outcome.TEMPFAIL;
        };
    }

    /// The enhanced code, or `class.0.0` where none was given (4.5.0 for an unexpected 3yz).
    public Esc status() {
        if (esc != null) {
            return esc;
        }
        return kind() == Kind.INTERMEDIATE ? new Esc(4, 5, 0) : new Esc(code / 100, 0, 0);
    }

    /// The texts of all lines joined by a blank, without codes.
    public String text() {
        return String.join(" ", lines).strip();
    }

    /// Code, enhanced code and text on one line, as it stands in logs, envelopes and reports.
    public String line() {
        String codes = esc == null ? Integer.toString(code) : code + " " + esc;
        String text = text();
        return text.isEmpty() ? codes : codes + " " + text;
    }

    /// The bytes on the wire: each line with code and CRLF, all but the last with a hyphen.
    public byte[] wire() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(64 * lines.size());
        for (int i = 0; i < lines.size(); i++) {
            String text = lines.get(i);
            String mark = i == lines.size() - 1 ? " " : "-";
            String shown = text.length() > LINE_MAX ? text.substring(0, LINE_MAX) : text;
            String status = esc == null ? "" : esc + (shown.isEmpty() ? "" : " ");
            out.writeBytes(
                    (code + mark + status + shown + "\r\n").getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }

    /// The same as [#line()].
    @Override
    public String toString() {
        return line();
    }
}
