package smtpd.lka.table;

import java.util.regex.Pattern;

/// Translation of an extended regular expression (regex(7)) into the one of the platform.
///
/// They agree but for brackets, where a backslash, `[` and `&&` are ordinary characters, and for
/// `\<` and `\>`, which stand at the borders of a word.
final class PosixRegex {
    private PosixRegex() {}

    /// Compiles an expression that ignores case; throws [java.util.regex.PatternSyntaxException]
    /// when it is none.
    static Pattern compile(String expression) {
        return Pattern.compile(translate(expression), Pattern.CASE_INSENSITIVE);
    }

    static String translate(String expression) {
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < expression.length()) {
            char c = expression.charAt(at);
            if (c == '\\' && at + 1 < expression.length()) {
                char next = expression.charAt(at + 1);
                out.append(next == '<' || next == '>' ? "\\b" : "\\" + next);
                at += 2;
            } else if (c == '[') {
                at = bracket(expression, at, out);
            } else {
                out.append(c);
                at++;
            }
        }
        return out.toString();
    }

    /// Copies a bracket expression and returns the index behind it.
    private static int bracket(String expression, int start, StringBuilder out) {
        int at = start + 1;
        out.append('[');
        if (at < expression.length() && expression.charAt(at) == '^') {
            out.append('^');
            at++;
        }
        int first = at;
        while (at < expression.length()) {
            char c = expression.charAt(at);
            if (c == ']' && at > first) {
                out.append(']');
                return at + 1;
            }
            if (c == '[' && expression.startsWith("[:", at) && expression.indexOf(":]", at) > 0) {
                int end = expression.indexOf(":]", at);
                out.append(characterClass(expression.substring(at + 2, end)));
                at = end + 2;
            } else {
                out.append("\\[]&^".indexOf(c) >= 0 ? "\\" + c : String.valueOf(c));
                at++;
            }
        }
        return at;
    }

    private static String characterClass(String name) {
        return switch (name) {
            case "alpha" -> "\\p{Alpha}";
            case "digit" -> "\\p{Digit}";
            case "alnum" -> "\\p{Alnum}";
            case "upper", "lower" -> "\\p{Alpha}";
            case "space" -> "\\s";
            case "blank" -> "\\p{Blank}";
            case "punct" -> "\\p{Punct}";
            case "print" -> "\\p{Print}";
            case "graph" -> "\\p{Graph}";
            case "cntrl" -> "\\p{Cntrl}";
            case "xdigit" -> "\\p{XDigit}";
            default -> "\\p{" + name + "}";
        };
    }
}
