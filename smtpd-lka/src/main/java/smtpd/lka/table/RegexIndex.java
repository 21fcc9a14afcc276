package smtpd.lka.table;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// The entries of a table as extended regular expressions, compiled once, compared without case and
/// anywhere in the text.
final class RegexIndex {
    /// Characters a match may look at before it is given up as hopeless: an expression that
    /// backtracks without end must not hold up other lookups.
    static final int STEPS_MAX = 200_000;

    private final Map<Long, Pattern> patterns = new LinkedHashMap<>();
    private String broken = "";

    RegexIndex(EntrySource entries) throws IOException {
        entries.walk((place, key) -> {
            String expression = entries.isMapping() ? key : entries.value(place);
            try {
                if (broken.isEmpty()) {
                    patterns.put(place, PosixRegex.compile(expression));
                }
            } catch (PatternSyntaxException _) {
                broken = expression;
            }
        });
    }

    /// The first entry that is no regular expression, or empty.
    String broken() {
        return broken;
    }

    /// The place of the first entry found in `text`; -1 for none.
    long find(String text) {
        for (Map.Entry<Long, Pattern> entry : patterns.entrySet()) {
            Matcher matcher = entry.getValue().matcher(new Budgeted(text));
            if (matcher.find()) {
                return entry.getKey();
            }
        }
        return -1;
    }

    /// A text that can be looked at only so often; throws [Exhausted] beyond.
    private static final class Budgeted implements CharSequence {
        private final String text;
        private int left = STEPS_MAX;

        Budgeted(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (--left < 0) {
                throw new Exhausted();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /// A match that looked at too much.
    static final class Exhausted extends RuntimeException {
        private static final long serialVersionUID = 1;

        Exhausted() {
            super("regular expression backtracks too much", null, false, false);
        }
    }
}
