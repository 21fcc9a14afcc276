package smtpd.filter.dnsbl;

import smtpd.filter.dnsbl.Entry.Subject;
import smtpd.filter.dnsbl.Settings.CacheSize;
import smtpd.filter.dnsbl.Settings.Thresholds;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Reads directives: one in a line, words with spaces between them.
final class SettingsReader {
    /// Lists a filter may ask: each connection is a query for each of them.
    static final int ENTRIES_MAX = 100;

    /// The highest score of one list.
    static final int SCORE_MAX = 1000;

    /// Answers remembered when nothing is said: 20,000 take about 6 MB.
    private static final int CACHE_ENTRIES = 20_000;

    private static final int CACHE_ENTRIES_MAX = 1_000_000;
    private static final Duration CACHE_TTL = Duration.ofMinutes(10);
    private static final int TTL_SECONDS_MAX = 86_400;
    private static final int THRESHOLD_MAX = 1_000_000;

    private final List<Entry> entries = new ArrayList<>();
    private final List<Network> exempt = new ArrayList<>(Network.PRIVATE);
    private int reject = Thresholds.NEVER;
    private int junk = Thresholds.NEVER;
    private int header = Thresholds.NEVER;
    private boolean atConnect;
    private CacheSize cache = new CacheSize(CACHE_ENTRIES, CACHE_TTL);

    /// Reads a directive; an empty line or a comment is none.
    ///
    /// @throws IllegalArgumentException what is wrong with it
    void read(String line) {
        int comment = line.indexOf('#');
        String text = (comment < 0 ? line : line.substring(0, comment)).strip();
        if (text.isEmpty()) {
            return;
        }
        Deque<String> words = new ArrayDeque<>(List.of(text.split("\\s+")));
        String directive = words.remove();
        switch (directive) {
            case "list" -> add(words, EnumSet.of(Subject.ADDRESS), Codes.OF_LISTS, 1);
            case "allow" -> add(words, EnumSet.of(Subject.ADDRESS), Codes.OF_ALLOW_LISTS, -1);
            case "domains" ->
                    add(
                            words,
                            EnumSet.of(Subject.HELO, Subject.RDNS, Subject.SENDER),
                            Codes.OF_LISTS,
                            1);
            case "reject" -> reject = number(words, "a score", THRESHOLD_MAX);
            case "junk" -> junk = number(words, "a score", THRESHOLD_MAX);
            case "header" -> header = number(words, "a score", THRESHOLD_MAX);
            case "decide" -> atConnect = decide(next(words, "connect or rcpt-to"));
            case "exempt" -> exempt.add(Network.read(next(words, "an address or network")));
            case "cache" -> cache(words);
            default -> throw new IllegalArgumentException("unknown word: " + directive);
        }
        if (!words.isEmpty()) {
            throw new IllegalArgumentException("unknown word: " + words.element());
        }
    }

    private void add(Deque<String> words, Set<Subject> subjects, Codes codes, int sign) {
        if (entries.size() == ENTRIES_MAX) {
            throw new IllegalArgumentException("more than " + ENTRIES_MAX + " lists");
        }
        String text = next(words, "a zone");
        String zone = Names.ofDomain(text);
        if (zone == null) {
            throw new IllegalArgumentException("not a zone: " + text);
        }
        Set<Subject> asked = subjects;
        Codes counted = codes;
        int score = 1;
        boolean tested = true;
        while (!words.isEmpty()) {
            String word = words.remove();
            switch (word) {
                case "score" -> score = number(words, "a score", SCORE_MAX);
                case "codes" -> counted = Codes.read(next(words, "codes"));
                case "in" -> asked = subjects(next(words, "helo, rdns or sender"), subjects);
                case "untested" -> tested = false;
                default -> throw new IllegalArgumentException("unknown word: " + word);
            }
        }
        entries.add(new Entry(zone, asked, sign * score, counted, tested));
    }

    private static Set<Subject> subjects(String text, Set<Subject> possible) {
        Set<Subject> subjects = EnumSet.noneOf(Subject.class);
        for (String word : text.split(",", -1)) {
            Subject subject =
                    possible.stream()
                            .filter(it -> it.name().toLowerCase(Locale.ROOT).equals(word))
                            .findFirst()
                            .orElseThrow(() ->
                                    new IllegalArgumentException(
                                            "this list cannot be asked about " + word));
            subjects.add(subject);
        }
        return subjects;
    }

    private static boolean decide(String word) {
        return switch (word) {
            case "connect" -> true;
            case "rcpt-to" -> false;
            default -> throw new IllegalArgumentException("not connect or rcpt-to: " + word);
        };
    }

    private void cache(Deque<String> words) {
        int count = number(words, "a number of answers", CACHE_ENTRIES_MAX);
        int seconds = number(words, "seconds", TTL_SECONDS_MAX);
        cache = new CacheSize(count, Duration.ofSeconds(seconds));
    }

    private static String next(Deque<String> words, String what) {
        String word = words.poll();
        if (word == null) {
            throw new IllegalArgumentException(what + " is missing");
        }
        return word;
    }

    private static int number(Deque<String> words, String what, int max) {
        String word = next(words, what);
        if (!word.matches("\\d{1,7}")
                || Integer.parseInt(word) < 1
                || Integer.parseInt(word) > max) {
            throw new IllegalArgumentException(what + " is 1 to " + max + ", not " + word);
        }
        return Integer.parseInt(word);
    }

    /// What was read. Without any threshold, one listing rejects.
    ///
    /// @throws IllegalArgumentException what is missing
    Settings settings() {
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("no list is named");
        }
        int least = Math.min(reject, Math.min(junk, header));
        return new Settings(
                List.copyOf(entries),
                new Thresholds(least == Thresholds.NEVER ? 1 : reject, junk, header),
                atConnect,
                List.copyOf(exempt),
                cache);
    }
}
