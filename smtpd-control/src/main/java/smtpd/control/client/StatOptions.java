package smtpd.control.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The options of `show stats` and `show graph`, taken out of a command line.
///
/// @param words what is left; the keys of a graph are one word of it
/// @param json whether JSON is wanted
/// @param since how far back; zero if it was not said
record StatOptions(List<String> words, boolean json, Duration since) {
    private static final int KEYS_AT = 2;

    /// Reads a command line.
    ///
    /// @throws IllegalArgumentException if a delay is none
    static StatOptions of(List<String> line) {
        if (line.isEmpty() || !"show".startsWith(line.getFirst())) {
            return new StatOptions(line, false, Duration.ZERO);
        }
        List<String> words = new ArrayList<>();
        boolean json = false;
        Duration since = Duration.ZERO;
        for (int i = 0; i < line.size(); i++) {
            String word = line.get(i);
            if (word.equals("--json")) {
                json = true;
            } else if (word.equals("--since") && i + 1 < line.size()) {
                since = delay(line.get(++i));
            } else if (word.startsWith("--since=")) {
                since = delay(word.substring("--since=".length()));
            } else {
                words.add(word);
            }
        }
        boolean graph = words.size() > KEYS_AT && "graph".startsWith(words.get(1));
        if (graph) {
            String keys = String.join(" ", words.subList(KEYS_AT, words.size()));
            words = List.of(words.getFirst(), words.get(1), keys);
        }
        return new StatOptions(List.copyOf(words), json, since);
    }

    /// Whether any was given.
    boolean any() {
        return json || !since.isZero();
    }

    /// A number and one of `s`, `m`, `h`, `d`, `w`, `y`.
    static Duration delay(String text) {
        int end = text.length() - 1;
        if (end < 1 || !text.substring(0, end).chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw invalid(text);
        }
        long unit =
                switch (text.charAt(end)) {
                    case 's' -> 1;
                    case 'm' -> 60;
                    case 'h' -> 3600;
                    case 'd' -> 86_400;
                    case 'w' -> 7 * 86_400;
                    case 'y' -> 365 * 86_400;
                    default -> throw invalid(text);
                };
        try {
            Duration delay =
                    Duration.ofSeconds(
                            Math.multiplyExact(Long.parseLong(text.substring(0, end)), unit));
            if (delay.isZero()) {
                throw invalid(text);
            }
            return delay;
        } catch (ArithmeticException | NumberFormatException _) {
            throw invalid(text);
        }
    }

    private static IllegalArgumentException invalid(String text) {
        return new IllegalArgumentException(
                "invalid delay: " + text + " (a number and one of s, m, h, d, w, y)");
    }
}
