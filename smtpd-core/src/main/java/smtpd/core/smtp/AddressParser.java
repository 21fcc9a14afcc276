package smtpd.core.smtp;

import smtpd.core.mail.MailAddr;

/// Reads the paths of MAIL and RCPT (RFC 5321 §4.1.2).
///
/// The local part keeps the bytes it was written with, quotes and backslashes included, so that it
/// travels unchanged through queue, reports and logs. Departures from the grammar: a source route
/// is dropped (RFC 5321 §4.1.1.3), and a mailbox without a domain is read with an empty one, to be
/// filled by the listener's name. OpenSMTPD: a quoted local part is refused and `<a@>` accepted;
/// here it is the other way round, as the grammar has it.
public final class AddressParser {
    /// Longest local part in octets (RFC 5321 §4.5.3.1.1).
    public static final int LOCAL_PART_MAX = 64;

    /// Longest local part of a rewritten sender (`SRS0=…`, `SRS1=…`), which holds another address
    /// whole (OpenSMTPD: of any).
    public static final int REWRITTEN_MAX = 255;

    /// Longest path in octets, brackets and source route included: what a command line can hold
    /// beside its verb and parameters.
    public static final int PATH_MAX = 1024;

    private final String text;
    private final boolean utf8;
    private int at;

    private AddressParser(String text, int at, boolean utf8) {
        this.text = text;
        this.at = at;
        this.utf8 = utf8;
    }

    /// What became of a path.
    public sealed interface Result {
        /// A valid path.
        ///
        /// @param address the mailbox; [MailAddr#NULL] for `<>`; an empty domain if none was given
        /// @param rest what follows the closing bracket
        record Parsed(MailAddr address, String rest) implements Result {}

        /// Not a path.
        ///
        /// @param reason why, in a few words
        record Invalid(String reason) implements Result {}
    }

    /// Reads `<...>` at the start of `text`. With `utf8` characters beyond ASCII are allowed (RFC
    /// 6531 §3.3).
    public static Result parsePath(String text, boolean utf8) {
        return new AddressParser(text, 0, utf8).path();
    }

    /// Reads all of `text` as a mailbox without brackets; `rest` of the result is empty.
    public static Result parseMailbox(String text, boolean utf8) {
        AddressParser parser = new AddressParser(text, 0, utf8);
        Result result = parser.mailbox();
        if (result instanceof Result.Parsed && parser.at != text.length()) {
            return new Result.Invalid("unexpected character after the address");
        }
        return result;
    }

    private Result path() {
        if (peek() != '<') {
            return new Result.Invalid("missing <");
        }
        if (text.startsWith("<>")) {
            return new Result.Parsed(MailAddr.NULL, text.substring(2));
        }
        at++;
        if (peek() == '@' && !skipRoute()) {
            return new Result.Invalid("bad source route");
        }
        Result result = mailbox();
        if (!(result instanceof Result.Parsed parsed)) {
            return result;
        }
        if (peek() != '>') {
            return new Result.Invalid(
                    at == text.length() ? "missing >" : "unexpected character in address");
        }
        if (at > PATH_MAX) {
            return new Result.Invalid("path too long");
        }
        return new Result.Parsed(parsed.address(), text.substring(at + 1));
    }

    /// `@a,@b:` before the mailbox; RFC 5321 appendix C: accepted and ignored.
    private boolean skipRoute() {
        while (peek() == '@') {
            at++;
            String domain = domain();
            if (!Domains.isMailDomain(domain, utf8)) {
                return false;
            }
            if (peek() == ':') {
                at++;
                return true;
            }
            if (peek() != ',') {
                return false;
            }
            at++;
        }
        return false;
    }

    private Result mailbox() {
        int start = at;
        boolean local = peek() == '"' ? quotedString() : dotString();
        if (!local) {
            return new Result.Invalid("bad local part");
        }
        String user = text.substring(start, at);
        if (Domains.octets(user) > (isRewritten(user) ? REWRITTEN_MAX : LOCAL_PART_MAX)) {
            return new Result.Invalid("local part too long");
        }
        if (peek() != '@') {
            return new Result.Parsed(new MailAddr(user, ""), "");
        }
        at++;
        String domain = domain();
        return Domains.isMailDomain(domain, utf8)
                ? new Result.Parsed(new MailAddr(user, domain), "")
                : new Result.Invalid("bad domain");
    }

    private static boolean isRewritten(String user) {
        int from = user.startsWith("\"") ? 1 : 0;
        return user.regionMatches(true, from, "SRS0", 0, 4)
                || user.regionMatches(true, from, "SRS1", 0, 4);
    }

    /// Up to the character that ends a domain; the caller checks what was taken.
    private String domain() {
        int start = at;
        if (peek() == '[') {
            int close = text.indexOf(']', at);
            at = close < 0 ? text.length() : close + 1;
        } else {
            while (at < text.length() && "<>,:@ []".indexOf(text.charAt(at)) < 0) {
                at++;
            }
        }
        return text.substring(start, at);
    }

    private boolean dotString() {
        boolean atom = false;
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '.') {
                if (!atom) {
                    return false;
                }
                atom = false;
            } else if (isAtext(c)) {
                atom = true;
            } else {
                break;
            }
        }
        return atom;
    }

    private boolean isAtext(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-/=?^_`{|}~".indexOf(c) >= 0
                || isUtf8(c);
    }

    private boolean isUtf8(char c) {
        return utf8 && c > 0x9f;
    }

    private boolean quotedString() {
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return true;
            }
            if (c == '\\') {
                at++;
                if (at == text.length() || text.charAt(at) < ' ' || text.charAt(at) > '~') {
                    return false;
                }
            } else if ((c < ' ' || c > '~') && !isUtf8(c)) {
                return false;
            }
        }
        return false;
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }
}
