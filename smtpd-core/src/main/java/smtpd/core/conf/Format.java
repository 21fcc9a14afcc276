package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Expands format specifiers: `%{NAME}`, `%{NAME[i]}`, `%{NAME[a:b]}`, `%{NAME:modifier|…}`, both
/// together, `%%`, and `~/` at the beginning of a path. Pure.
///
/// Ranges count from 0, a negative position from the end, the end belongs to the range; a range
/// that leaves the text is cut, one that begins behind it makes the expansion fail. Modifiers apply
/// in order, before the range: `lowercase`, `uppercase`, `strip` (the tag), `raw`. Without `raw`
/// every character that a shell could act on becomes `:`, but for `user.directory` and `mda`.
///
/// OpenSMTPD: mda_variables.c, whose range with a negative end or a single negative position, and
/// whose range together with modifiers, do not do what its manual says; here they do.
public final class Format {
    /// Longest result, in characters (OpenSMTPD: the same).
    public static final int RESULT_MAX = 1024;

    /// Longest specifier, in characters (OpenSMTPD: the same).
    public static final int TOKEN_MAX = 127;

    /// Farthest position of a range.
    private static final int POSITION_MAX = RESULT_MAX;

    /// Punctuation that is kept without `raw`; all other ASCII punctuation, blanks and control
    /// characters become `:`. OpenSMTPD: replaces `!#$%&'*?` and "`{|}~", the rest cannot occur in
    /// an address there; here a quoted local part may hold it, and no part of an address may ever
    /// reach a shell as syntax (CVE-2020-7247).
    private static final String KEPT = "^-_=+/.@:,[]";

    private static final Set<String> NAMES =
            Set.of(
                    "sender",
                    "sender.user",
                    "sender.domain",
                    "rcpt",
                    "rcpt.user",
                    "rcpt.domain",
                    "dest",
                    "dest.user",
                    "dest.domain",
                    "user.username",
                    "user.directory",
                    "mbox.from");

    private static final String MDA = "mda";
    private static final String DIRECTORY = "user.directory";
    private static final Set<String> MODIFIERS = Set.of("lowercase", "uppercase", "strip", "raw");

    private Format() {}

    /// What an expansion gave.
    public sealed interface Expanded {
        /// The text.
        record Ok(String text) implements Expanded {}

        /// It failed for good, and why.
        record Failed(String why) implements Expanded {}
    }

    private record Specifier(
            String name, @Nullable Integer from, @Nullable Integer to, List<String> modifiers) {}

    /// Ends an expansion. Never leaves this class.
    private static final class Bad extends Exception {
        private static final long serialVersionUID = 1;

        Bad(String why) {
            super(why, null, false, false);
        }

        String why() {
            return String.valueOf(getMessage());
        }
    }

    /// Expands a text.
    ///
    /// @param text with specifiers
    /// @param values by name: `sender`, `rcpt` and `dest` as `user@domain` or empty, with their
    ///   `.user` and `.domain`; `user.username`, `user.directory`, `mbox.from`; `mda` in a wrapper
    /// @param subAddrDelim what separates user and tag
    /// @return the result, or why there is none
    public static Expanded expand(String text, Map<String, String> values, String subAddrDelim) {
        StringBuilder result = new StringBuilder();
        int at = 0;
        try {
            if (text.startsWith("~/")) {
                result.append(value(DIRECTORY, values)).append('/');
                at = 2;
            }
            while (at < text.length()) {
                if (text.startsWith("%%", at)) {
                    result.append('%');
                    at += 2;
                } else if (text.startsWith("%{", at)) {
                    int end = end(text, at);
                    Specifier specifier = specifier(text.substring(at + 2, end));
                    result.append(apply(specifier, values, subAddrDelim));
                    at = end + 1;
                } else {
                    result.append(text.charAt(at++));
                }
            }
        } catch (Bad e) {
            return new Expanded.Failed(e.why());
        }
        return result.length() < RESULT_MAX
                ? new Expanded.Ok(result.toString())
                : new Expanded.Failed("longer than " + RESULT_MAX + " characters");
    }

    /// Why no expansion of a text can succeed, empty when one can.
    ///
    /// @param wrapper whether `%{mda}` stands for something
    public static String problem(String text, boolean wrapper) {
        int at = 0;
        try {
            while (at < text.length()) {
                if (text.startsWith("%{", at)) {
                    int end = end(text, at);
                    Specifier specifier = specifier(text.substring(at + 2, end));
                    boolean known = NAMES.contains(specifier.name);
                    if (!known && !(wrapper && specifier.name.equals(MDA))) {
                        throw new Bad("unknown format specifier %{" + specifier.name + "}");
                    }
                    at = end + 1;
                } else {
                    at += text.startsWith("%%", at) ? 2 : 1;
                }
            }
        } catch (Bad e) {
            return e.why();
        }
        return "";
    }

    private static int end(String text, int at) throws Bad {
        int end = text.indexOf('}', at);
        if (end < 0) {
            throw new Bad("format specifier without '}'");
        }
        if (end - at - 2 > TOKEN_MAX) {
            throw new Bad("format specifier is longer than " + TOKEN_MAX + " characters");
        }
        return end;
    }

    private static Specifier specifier(String token) throws Bad {
        int bracket = token.indexOf('[');
        int colon = token.indexOf(':');
        if (bracket < 0 || (colon >= 0 && colon < bracket)) {
            String name = colon < 0 ? token : token.substring(0, colon);
            return new Specifier(key(name), null, null, modifiers(token, colon));
        }
        int close = token.indexOf(']', bracket);
        boolean follows = close == token.length() - 1 || token.startsWith(":", close + 1);
        if (close <= bracket + 1 || !follows) {
            throw new Bad("range in %{" + token + "} cannot be read");
        }
        String name = key(token.substring(0, bracket));
        String range = token.substring(bracket + 1, close);
        List<String> modifiers = modifiers(token, close == token.length() - 1 ? -1 : close + 1);
        int separator = range.indexOf(':');
        if (separator < 0) {
            int position = position(range);
            return new Specifier(name, position, position, modifiers);
        }
        String from = range.substring(0, separator);
        String to = range.substring(separator + 1);
        return new Specifier(
                name,
                from.isEmpty() ? null : position(from),
                to.isEmpty() ? null : position(to),
                modifiers);
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static int position(String text) throws Bad {
        if (!text.matches("[+-]?[0-9]{1,5}") || Math.abs(Integer.parseInt(text)) > POSITION_MAX) {
            throw new Bad("position '" + text + "' in a format specifier is not valid");
        }
        return Integer.parseInt(text);
    }

    private static List<String> modifiers(String token, int colon) throws Bad {
        List<String> modifiers = new ArrayList<>();
        if (colon < 0) {
            return modifiers;
        }
        for (String word : token.substring(colon + 1).split("[|]", -1)) {
            String modifier = key(word);
            if (!MODIFIERS.contains(modifier)) {
                throw new Bad("unknown modifier '" + word + "' in a format specifier");
            }
            modifiers.add(modifier);
        }
        return modifiers;
    }

    private static String value(String name, Map<String, String> values) throws Bad {
        String value = values.get(name);
        if (value == null) {
            throw new Bad("unknown format specifier %{" + name + "}");
        }
        return value;
    }

    private static String apply(
            Specifier specifier, Map<String, String> values, String subAddrDelim) throws Bad {
        String text = value(specifier.name, values);
        boolean raw = specifier.name.equals(DIRECTORY) || specifier.name.equals(MDA);
        for (String modifier : specifier.modifiers) {
            switch (modifier) {
                case "lowercase" -> text = text.toLowerCase(Locale.ROOT);
                case "uppercase" -> text = text.toUpperCase(Locale.ROOT);
                case "strip" -> text = strip(text, subAddrDelim);
                default -> raw = true;
            }
        }
        if (!raw) {
            text = escape(text);
        }
        return text.isEmpty() ? "" : range(text, specifier);
    }

    /// Without the tag of a local part.
    private static String strip(String text, String delimiter) {
        int tag = text.indexOf(delimiter);
        if (tag < 0) {
            return text;
        }
        int at = text.indexOf('@', tag);
        return text.substring(0, tag) + (at < 0 ? "" : text.substring(at));
    }

    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean kept = c >= 0x80 || Character.isLetterOrDigit(c) || KEPT.indexOf(c) >= 0;
            if (!kept) {
                escaped.setCharAt(i, ':');
            }
        }
        return escaped.toString();
    }

    private static String range(String text, Specifier specifier) throws Bad {
        Integer from = specifier.from;
        Integer to = specifier.to;
        int begin = from == null ? 0 : from < 0 ? from + text.length() : from;
        int end = to == null ? text.length() - 1 : to < 0 ? to + text.length() : to;
        end = Math.min(end, text.length() - 1);
        if (begin < 0 || begin >= text.length() || end < begin) {
            throw new Bad("range of %{" + specifier.name + "} is outside the text");
        }
        return text.substring(begin, end + 1);
    }
}
