package smtpd.control.client;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Reads the command line of `sendmail`: the options that matter, and those of forty years that
/// must be swallowed. Options end at the first recipient.
final class SendmailLine {
    /// Options with an argument, which may be attached.
    private static final String WITH_ARGUMENT = "ABbeFfLNopRrV";

    /// Options without one; whatever is attached to `E` and `q` belongs to them.
    private static final String WITHOUT = "EimqStvx";

    private static final Set<String> NOTIFY = Set.of("success", "failure", "delay");

    private final List<String> words;
    private int at;
    private Mode mode = Mode.SUBMIT;
    private @Nullable String sender;
    private String fullName = "";
    private boolean fromHeader;
    private boolean verbose;
    private String notifyOn = "";
    private String ret = "";
    private String envid = "";
    private String wrong = "";

    /// What the program is to do.
    enum Mode {
        /// Submit a message.
        SUBMIT,
        /// `-bs`: SMTP on the standard streams.
        SESSION,
        /// `-bp`: list the queue.
        LIST,
        /// `-bi`: read the aliases again.
        ALIASES,
        /// `-q`: try the queue; the daemon does that by itself.
        RUN_QUEUE
    }

    /// Wishes about reports (RFC 3461), as they go on the wire.
    ///
    /// @param notifyOn `NEVER` or a list of `SUCCESS`, `FAILURE`, `DELAY`; or empty
    /// @param ret `FULL`, `HDRS`, or empty
    /// @param envid the sender's id for the message, or empty
    record Wishes(String notifyOn, String ret, String envid) {}

    /// Who sends a message.
    ///
    /// @param sender the envelope sender; null to take it from the message or the caller
    /// @param fullName the name for a From field that is missing, or empty
    record Author(@Nullable String sender, String fullName) {}

    /// A command line that can be obeyed.
    ///
    /// @param mode what to do
    /// @param author who sends it
    /// @param fromHeader `-t`: the recipients stand in the message
    /// @param verbose whether to show the session
    /// @param wishes about reports
    /// @param recipients as given
    record Submit(
            Mode mode,
            Author author,
            boolean fromHeader,
            boolean verbose,
            Wishes wishes,
            List<String> recipients)
            implements Parsed {}

    /// What a command line means.
    sealed interface Parsed permits Submit, Parsed.Wrong {
        /// It cannot be obeyed.
        record Wrong(String why) implements Parsed {}
    }

    private SendmailLine(List<String> words) {
        this.words = words;
    }

    /// Reads a command line without the program's name.
    static Parsed parse(List<String> words) {
        return new SendmailLine(words).parse();
    }

    private Parsed parse() {
        while (at < words.size() && words.get(at).length() > 1 && words.get(at).startsWith("-")) {
            String word = words.get(at++);
            if (word.equals("--")) {
                break;
            }
            cluster(word);
        }
        if (!wrong.isEmpty()) {
            return new Parsed.Wrong(wrong);
        }
        return new Submit(
                mode,
                new Author(sender, fullName),
                fromHeader,
                verbose,
                new Wishes(notifyOn, ret, envid),
                List.copyOf(words.subList(at, words.size())));
    }

    /// Options that share a hyphen; the first with an argument takes the rest.
    private void cluster(String word) {
        for (int i = 1; i < word.length(); i++) {
            char option = word.charAt(i);
            if (WITH_ARGUMENT.indexOf(option) >= 0) {
                valued(option, i + 1 < word.length() ? word.substring(i + 1) : next(option));
                return;
            }
            if (WITHOUT.indexOf(option) < 0) {
                wrong = "unknown option -" + option;
                return;
            }
            plain(option);
            if (option == 'E' || option == 'q') {
                return;
            }
        }
    }

    private String next(char option) {
        if (at < words.size()) {
            return words.get(at++);
        }
        wrong = "option -" + option + " needs a value";
        return "";
    }

    private void plain(char option) {
        switch (option) {
            case 't' -> fromHeader = true;
            case 'v' -> verbose = true;
            case 'q' -> mode = Mode.RUN_QUEUE;
            default -> {} // -i is always on, -S always true, the others have no meaning here
        }
    }

    private void valued(char option, String value) {
        switch (option) {
            case 'f', 'r' -> sender = unbracketed(value);
            case 'F' -> fullName = value;
            case 'N' -> notifyOn = notifications(value);
            case 'R' -> ret = oneOf(value, "FULL", "HDRS", option);
            case 'V' -> envid = value;
            case 'b' -> mode = mode(value);
            default -> {} // accepted for the sake of callers
        }
    }

    private static String unbracketed(String value) {
        boolean bracketed = value.startsWith("<") && value.endsWith(">");
        return bracketed ? value.substring(1, value.length() - 1) : value;
    }

    private Mode mode(String value) {
        return switch (value) {
            case "s" -> Mode.SESSION;
            case "p" -> Mode.LIST;
            case "i" -> Mode.ALIASES;
            default -> mode;
        };
    }

    private String notifications(String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        List<String> wishes = new ArrayList<>(List.of(lower.split(",", -1)));
        if (!lower.equals("never") && !NOTIFY.containsAll(wishes)) {
            wrong = "option -N takes never, or a list of success, failure, delay";
        }
        return lower.toUpperCase(Locale.ROOT);
    }

    private String oneOf(String value, String one, String other, char option) {
        String upper = value.toUpperCase(Locale.ROOT);
        if (!upper.equals(one) && !upper.equals(other)) {
            wrong =
                    "option -"
                            + option
                            + " takes "
                            + one.toLowerCase(Locale.ROOT)
                            + " or "
                            + other.toLowerCase(Locale.ROOT);
        }
        return upper;
    }
}
