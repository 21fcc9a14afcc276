package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The stream of tokens as the directive parsers see it: one token ahead, and a memory of what
/// would have been accepted at the present place, for the error that says so.
final class Tokens {
    /// How many expected words an error lists.
    private static final int EXPECTED_MAX = 16;

    /// What may be a number, in quotes.
    private static final Set<String> QUOTED =
            Set.of("a table name", "a table entry", "a table value", "a macro value", "a tag");

    private final Lexer lexer;
    private final Set<String> expected = new LinkedHashSet<>();
    private @Nullable Token ahead;
    private Location last = Location.NONE;
    private boolean secret;

    Tokens(Lexer lexer) {
        this.lexer = lexer;
    }

    Token peek() {
        Token token = ahead;
        if (token == null) {
            token = lexer.next();
            ahead = token;
            last = token.where();
        }
        return token;
    }

    Token next() {
        Token token = peek();
        ahead = null;
        expected.clear();
        if (token.kind() == Token.Kind.NEWLINE) {
            secret = false;
        }
        return token;
    }

    /// From here to the end of the line, or until the contrary is said, words may be secrets, which
    /// no error shows.
    void secret(boolean on) {
        secret = on;
    }

    /// The line of the token read last, ahead or not: where an error of meaning belongs.
    Location last() {
        return last;
    }

    /// Takes the token when it is that reserved word.
    boolean accept(String keyword) {
        if (peek().isKeyword(keyword)) {
            next();
            return true;
        }
        expected.add(keyword);
        return false;
    }

    /// Takes the token when it is that word, which is not reserved.
    boolean acceptWord(String word) {
        Token token = peek();
        if (token.kind() == Token.Kind.STRING && token.text().equals(word)) {
            next();
            return true;
        }
        expected.add(word);
        return false;
    }

    boolean acceptSign(String sign) {
        if (peek().isSign(sign)) {
            next();
            return true;
        }
        expected.add("'" + sign + "'");
        return false;
    }

    void expect(String keyword) throws SyntaxError {
        if (!accept(keyword)) {
            throw unexpected();
        }
    }

    void expectSign(String sign) throws SyntaxError {
        if (!acceptSign(sign)) {
            throw unexpected();
        }
    }

    boolean atString() {
        return peek().kind() == Token.Kind.STRING;
    }

    boolean atNewline() {
        return peek().kind() == Token.Kind.NEWLINE;
    }

    /// Takes a string; `what` says what it stands for.
    String string(String what) throws SyntaxError {
        if (!atString()) {
            expected.add(what);
            throw unexpected();
        }
        return next().text();
    }

    /// Takes a number.
    long number(String what) throws SyntaxError {
        if (peek().kind() != Token.Kind.NUMBER) {
            expected.add(what);
            throw unexpected();
        }
        return Long.parseLong(next().text());
    }

    /// Leaves out line ends, where a list allows them.
    void skipNewlines() {
        while (atNewline()) {
            next();
        }
    }

    /// Takes the end of the line.
    void endOfLine() throws SyntaxError {
        if (!atNewline()) {
            expected.add("end of line");
            throw unexpected();
        }
        next();
    }

    /// Skips what is left of a line after an error.
    void skipLine() {
        while (!atNewline() && peek().kind() != Token.Kind.END) {
            next();
        }
        if (atNewline()) {
            next();
        }
    }

    /// An error of meaning at the token read last.
    SyntaxError fail(String text) {
        return new SyntaxError(new ConfError(last, text));
    }

    /// The error that the token ahead is none of those expected here.
    SyntaxError unexpected() {
        return unexpected(List.of());
    }

    /// The same, with further words that would have been accepted.
    SyntaxError unexpected(List<String> more) {
        Token token = peek();
        expected.addAll(more);
        if (token.kind() == Token.Kind.BAD) {
            return new SyntaxError(null);
        }
        String foreign = foreign(token);
        if (!foreign.isEmpty()) {
            return new SyntaxError(new ConfError(token.where(), "syntax error: " + foreign));
        }
        StringBuilder text = new StringBuilder("syntax error: unexpected " + describe(token));
        List<String> words = new ArrayList<>(expected);
        if (!words.isEmpty()) {
            text.append(", expected ").append(alternatives(words));
        }
        text.append(advice(token, words));
        return new SyntaxError(new ConfError(token.where(), text.toString()));
    }

    /// What is said of characters that come from another system's editor, else nothing.
    private static String foreign(Token token) {
        return switch (token.text()) {
            case "\r" -> "carriage return: the file has DOS line ends";
            case "\ufeff" -> "the file begins with a byte order mark";
            case "\u00a0" -> "no-break space: only blanks and tabs separate words";
            default -> "";
        };
    }

    private boolean isHidden(Token token) {
        return secret && (token.kind() == Token.Kind.STRING || token.kind() == Token.Kind.NUMBER);
    }

    private String describe(Token token) {
        if (isHidden(token)) {
            return "text";
        }
        return switch (token.kind()) {
            case NEWLINE -> "end of line";
            case END -> "end of file";
            case KEYWORD, NUMBER, SIGN -> "'" + token.text() + "'";
            case STRING -> "'" + shortened(token.text()) + "'";
            case BAD -> "text";
        };
    }

    private static String shortened(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }

    private static String alternatives(List<String> words) {
        int shown = Math.min(words.size(), EXPECTED_MAX);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < shown; i++) {
            boolean end = i == shown - 1 && shown == words.size();
            text.append(i == 0 ? "" : end ? " or " : ", ").append(words.get(i));
        }
        return shown < words.size() ? text + ", …" : text.toString();
    }

    private String advice(Token token, List<String> words) {
        if (token.kind() == Token.Kind.SIGN) {
            return switch (token.text()) {
                case "\\", "{", "}", "(", ")", ",", "=", "=>", "!" -> "";
                case "<" -> "; <NAME> stands for a table, which cannot stand here";
                default -> "; a word that begins with '" + token.text() + "' must be quoted";
            };
        }
        boolean isWord = token.kind() == Token.Kind.STRING || token.kind() == Token.Kind.KEYWORD;
        if (isWord && !isHidden(token)) {
            String near = Keywords.near(token.text(), words);
            if (near != null) {
                return "; did you mean '" + near + "'?";
            }
        }
        if (token.kind() == Token.Kind.NUMBER && words.stream().anyMatch(QUOTED::contains)) {
            return "; a number that stands alone must be quoted";
        }
        boolean name = words.stream().anyMatch(word -> word.startsWith("a "));
        if (token.kind() == Token.Kind.KEYWORD && name) {
            return "; '" + token.text() + "' is a reserved word and must be quoted";
        }
        return "";
    }
}
