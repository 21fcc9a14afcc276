package smtpd.control.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds the command that words mean. Each word may be shortened as long as it fits one word only;
/// a word written in full always means itself.
final class CommandTable {
    private static final int EVPID_DIGITS = 16;
    private static final int MSGID_DIGITS = 8;

    /// As in smtpd.conf(5).
    private static final Pattern DELAY = Pattern.compile("([1-9][0-9]{0,5})([smhd])");

    private CommandTable() {}

    /// What the words mean.
    sealed interface Parsed {
        /// A command.
        ///
        /// @param verb which
        /// @param value the value in it, or empty; two of them with a space between
        record Command(Verb verb, String value) implements Parsed {}

        /// None, or more than one.
        ///
        /// @param texts the commands that were possible as far as the words could be understood
        record Unclear(List<String> texts) implements Parsed {}
    }

    /// Reads the words of a command line.
    static Parsed parse(List<String> words) {
        List<Verb> possible = List.of(Verb.values());
        for (int at = 0; at < words.size(); at++) {
            List<Verb> fitting = fitting(possible, at, words.get(at));
            if (fitting.isEmpty() || isAmbiguous(fitting, at)) {
                return unclear(fitting.isEmpty() ? possible : fitting);
            }
            possible = fitting;
        }
        for (Verb verb : possible) {
            if (words(verb).size() == words.size()) {
                return new Parsed.Command(verb, value(verb, words));
            }
        }
        return unclear(possible);
    }

    private static Parsed unclear(List<Verb> verbs) {
        List<String> texts = new ArrayList<>();
        for (Verb verb : verbs) {
            texts.add(verb.text());
        }
        return new Parsed.Unclear(texts);
    }

    /// Those whose word at a position fits; the ones that fit exactly, if there are any.
    private static List<Verb> fitting(List<Verb> verbs, int at, String word) {
        List<Verb> exact = new ArrayList<>();
        List<Verb> fitting = new ArrayList<>();
        for (Verb verb : verbs) {
            List<String> words = words(verb);
            if (at < words.size() && fits(words.get(at), word)) {
                fitting.add(verb);
                if (words.get(at).equals(word)) {
                    exact.add(verb);
                }
            }
        }
        return exact.isEmpty() ? fitting : exact;
    }

    /// Whether the word at a position could mean different words.
    private static boolean isAmbiguous(List<Verb> verbs, int at) {
        String first = words(verbs.getFirst()).get(at);
        for (Verb verb : verbs) {
            if (!words(verb).get(at).equals(first)) {
                return true;
            }
        }
        return false;
    }

    private static boolean fits(String pattern, String word) {
        return switch (pattern) {
            case "<evpid>" -> isHex(word, EVPID_DIGITS);
            case "<msgid>" -> isHex(word, MSGID_DIGITS);
            case "<routeid>" -> isNumber(word);
            case "<delay>" -> DELAY.matcher(word).matches();
            default -> pattern.startsWith("<") || (!word.isEmpty() && pattern.startsWith(word));
        };
    }

    /// Neither half of an id is 0.
    private static boolean isHex(String word, int digits) {
        boolean zero = true;
        for (int i = 0; i < word.length(); i++) {
            if (Character.digit(word.charAt(i), 16) < 0 || word.charAt(i) > 'f') {
                return false;
            }
            zero &= word.charAt(i) == '0';
            if ((i + 1) % MSGID_DIGITS == 0) {
                if (zero) {
                    return false;
                }
                zero = true;
            }
        }
        return word.length() == digits;
    }

    /// What a `<delay>` stands for.
    static Duration delay(String word) {
        Matcher read = DELAY.matcher(word);
        if (!read.matches()) {
            throw new IllegalArgumentException("no delay: " + word);
        }
        long number = Long.parseLong(read.group(1));
        return switch (read.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    private static boolean isNumber(String word) {
        try {
            return Long.parseLong(word) >= 0;
        } catch (NumberFormatException _) {
            return false;
        }
    }

    private static String value(Verb verb, List<String> words) {
        List<String> patterns = words(verb);
        List<String> values = new ArrayList<>();
        for (int at = 0; at < patterns.size(); at++) {
            if (patterns.get(at).startsWith("<")) {
                values.add(words.get(at));
            }
        }
        return String.join(" ", values);
    }

    private static List<String> words(Verb verb) {
        return List.of(verb.text().split(" ", -1));
    }
}
