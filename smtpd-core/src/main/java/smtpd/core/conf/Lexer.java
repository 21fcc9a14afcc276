package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// Splits configuration files into tokens, expanding macros and following included files.
///
/// Outside quotes a backslash before a line end continues the line, also that of a comment, and
/// before any other character stands for that character. Inside quotes it protects the quote, a
/// blank and a tab, and a line end is left out. OpenSMTPD: `yylex`, with the difference that an
/// unreadable token loses its own line only.
final class Lexer {
    /// Longest word or string, in characters (OpenSMTPD: a buffer of 8096 bytes).
    static final int TOKEN_MAX = 8094;

    /// Deepest nesting of included files, so that a file which includes itself ends.
    static final int INCLUDES_MAX = 16;

    private static final char END = '\uffff';

    /// Stands for the one character that END takes from the text.
    private static final char REPLACEMENT = '\ufffd';

    private final Macros macros;
    private final List<ConfError> errors;
    private final Deque<Source> sources = new ArrayDeque<>();
    private Source source;

    /// A file being read. `fixed` is where the text of an expanded macro ends, within which no
    /// macro is expanded; `continuedAt` the last line with a backslash at its end.
    private static final class Source {
        final String name;
        String text;
        int at;
        int line = 1;
        int fixed;
        int continuedAt;
        boolean ended;
        boolean indented;

        Source(String name, String text) {
            this.name = name;
            this.text = text.replace(END, REPLACEMENT);
        }
    }

    Lexer(String file, String text, Macros macros, List<ConfError> errors) {
        this.macros = macros;
        this.errors = errors;
        this.source = new Source(file, text);
    }

    /// Reads a file before the rest of the current one; false when files are nested too deeply.
    boolean include(String file, String text) {
        if (sources.size() >= INCLUDES_MAX) {
            return false;
        }
        sources.push(source);
        source = new Source(file, text);
        return true;
    }

    /// Whether blanks stand before the first token of the line read last.
    boolean indented() {
        return source.indented;
    }

    Location here() {
        return new Location(source.name, source.line);
    }

    /// The next token; at the end of the outermost file END, again and again.
    Token next() {
        while (true) {
            skipBlanks();
            Location where = here();
            char c = peek();
            if (c == '#') {
                while (peek() != '\n' && peek() != END) {
                    take();
                }
                where = here();
                c = peek();
            }
            if (c == END) {
                if (endOfSource()) {
                    return new Token(Token.Kind.END, "", where);
                }
                continue;
            }
            if (c == '$' && source.at >= source.fixed) {
                Token bad = expand(where);
                if (bad != null) {
                    return bad;
                }
                continue;
            }
            return token(c, where);
        }
    }

    private void skipBlanks() {
        int at = source.at;
        boolean lineStart = at == 0 || source.text.charAt(at - 1) == '\n';
        while (peek() == ' ' || peek() == '\t') {
            take();
        }
        if (lineStart) {
            source.indented = source.at > at;
        }
    }

    /// Leaves an included file; true at the end of the outermost one.
    private boolean endOfSource() {
        if (sources.isEmpty()) {
            return true;
        }
        source = sources.pop();
        return false;
    }

    private Token token(char c, Location where) {
        if (c == '\n') {
            take();
            return new Token(Token.Kind.NEWLINE, "\n", where);
        }
        if (c == '"' || c == '\'') {
            take();
            return quoted(c, where);
        }
        if (c == '-' || isDigit(c)) {
            Token number = number(where);
            if (number != null) {
                return number;
            }
        }
        if (isLetter(c) || isDigit(c) || c == ':' || c == '_') {
            return word(where);
        }
        take();
        if (c == '=' && peek() == '>') {
            take();
            return new Token(Token.Kind.SIGN, "=>", where);
        }
        return new Token(Token.Kind.SIGN, String.valueOf(c), where);
    }

    private Token word(Location where) {
        StringBuilder word = new StringBuilder();
        while (isWordPart(peek())) {
            if (word.length() >= TOKEN_MAX) {
                return bad(where, "word is longer than " + TOKEN_MAX + " characters");
            }
            word.append(take());
        }
        String text = word.toString();
        Token.Kind kind = Keywords.isReserved(text) ? Token.Kind.KEYWORD : Token.Kind.STRING;
        int line = Math.max(where.line(), source.continuedAt);
        return new Token(kind, text, new Location(where.file(), line));
    }

    /// Digits that stand alone; null, with nothing read, when they begin a word or are a minus
    /// sign.
    private @Nullable Token number(Location where) {
        int at = source.at;
        int line = source.line;
        StringBuilder digits = new StringBuilder();
        do {
            digits.append(take());
        } while (isDigit(peek()) && digits.length() < TOKEN_MAX);
        boolean alone = " \t\n\r\f\u000b),/}=".indexOf(peek()) >= 0 || peek() == END;
        if (!alone || digits.toString().equals("-")) {
            source.at = at;
            source.line = line;
            return null;
        }
        String text = digits.toString();
        try {
            Long.parseLong(text);
        } catch (NumberFormatException e) {
            return bad(where, "number of " + text.length() + " digits is too large");
        }
        return new Token(Token.Kind.NUMBER, text, where);
    }

    private Token quoted(char quote, Location where) {
        StringBuilder text = new StringBuilder();
        while (true) {
            char c = raw();
            if (c == END) {
                return bad(where, "end of file inside a string that begins here");
            }
            if (c == quote) {
                return new Token(Token.Kind.STRING, text.toString(), where);
            }
            if (c == '\n') {
                source.line++;
                continue;
            }
            if (c == '\\') {
                char next = source.at < source.text.length() ? source.text.charAt(source.at) : END;
                if (next == '\n') {
                    continue;
                }
                if (next == quote || next == ' ' || next == '\t') {
                    c = raw();
                }
            }
            if (c == '\0') {
                return bad(where, "NUL character inside a string");
            }
            if (text.length() >= TOKEN_MAX) {
                return bad(where, "string is longer than " + TOKEN_MAX + " characters");
            }
            text.append(c);
        }
    }

    /// Puts a macro's value in the place of its use; a token when it is not defined.
    private @Nullable Token expand(Location where) {
        int start = source.at;
        take();
        StringBuilder name = new StringBuilder();
        while (isLetter(peek()) || isDigit(peek()) || peek() == '_') {
            name.append(take());
        }
        String value = macros.use(name.toString());
        if (value == null) {
            String near = Keywords.near(name.toString(), macros.names());
            return bad(
                    where,
                    "macro '"
                            + name
                            + "' is not defined"
                            + (near == null ? "" : "; did you mean '" + near + "'?"));
        }
        int after = source.at;
        source.text = source.text.substring(0, start) + value + source.text.substring(after);
        source.at = start;
        source.fixed = start + value.length();
        return null;
    }

    /// Reports what cannot be read and skips the rest of its line.
    private Token bad(Location where, String text) {
        errors.add(new ConfError(where, text));
        while (peek() != '\n' && peek() != END) {
            take();
        }
        return new Token(Token.Kind.BAD, "", where);
    }

    /// The next character outside quotes, not taken. Every file is read as if it had one more line
    /// end than it has.
    private char peek() {
        skipContinuations();
        if (source.at >= source.text.length()) {
            return source.ended ? END : '\n';
        }
        char c = source.text.charAt(source.at);
        if (c == '\\') {
            return source.at + 1 < source.text.length() ? source.text.charAt(source.at + 1) : '\n';
        }
        return c;
    }

    private char take() {
        char c = peek();
        if (source.at >= source.text.length()) {
            source.ended = true;
        } else {
            int next = source.at + (source.text.charAt(source.at) == '\\' ? 2 : 1);
            source.ended = next > source.text.length();
            source.at = Math.min(next, source.text.length());
        }
        if (c == '\n') {
            source.line++;
        }
        return c;
    }

    private void skipContinuations() {
        while (source.text.startsWith("\\\n", source.at)) {
            source.at += 2;
            source.continuedAt = source.line;
            source.line++;
        }
    }

    private char raw() {
        return source.at < source.text.length() ? source.text.charAt(source.at++) : END;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isWordPart(char c) {
        return c > ' ' && c < 0x7f && "(){}<>!=#,".indexOf(c) < 0;
    }
}
