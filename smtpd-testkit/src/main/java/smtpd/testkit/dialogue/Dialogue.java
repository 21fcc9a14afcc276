package smtpd.testkit.dialogue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One dialogue.
///
/// | line | meaning |
/// |---|---|
/// | `# text` | heading or remark |
/// | `SET key value` | the server is configured so |
/// | `FAULT name` | something behind the server fails |
/// | `C: text` | the client sends the line with CRLF |
/// | `C! text` | the client sends exactly this |
/// | `C*N: text` | the client sends the line N times, `%d` being 1, 2, … |
/// | `S: text` | the server sends exactly this line; `{*}` stands for any text |
/// | `S~ text` | the server sends a line that begins so |
/// | `S+ 250` | the server sends a whole reply with this code, of however many lines |
/// | `S? 250 text` | the server sends a whole reply with this code, one line of which says just this |
/// | `S^ 250 text` | the server sends a whole reply with this code, no line of which says this |
/// | `S*N: text` | the server sends N such lines, `%d` being 1, 2, … |
/// | `CLOSED` | the server closes |
/// | `DROP` | the client closes |
/// | `ACCEPTED n` | at the end: how many messages the server took responsibility for |
///
/// Keys of `SET`: `max-message-size`, `max-rcpt`, `max-mails`, `no-dsn`, `lmtp`, `tls-require`,
/// `auth`. Names of `FAULT`: `lka-down`, `queue-down`, `queue-full`, `queue-fills-up`,
/// `commit-fails`, `queue-dies`.
///
/// Consecutive `C` lines leave in one piece. In client text `\r \n \t \0 \\ \xNN` are bytes and
/// `\{N:text}` is text N times. In both, `{host}` is the server's name and `{address}` the client's
/// address as the server sees it.
///
/// @param name where it is from, for messages
/// @param heading the `#` lines before the first step
/// @param settings what `SET` lines say, in order
/// @param faults what `FAULT` lines say
/// @param steps what happens
/// @param accepted what `ACCEPTED` says, or -1
public record Dialogue(
        String name,
        String heading,
        Map<String, String> settings,
        List<String> faults,
        List<Step> steps,
        int accepted) {

    /// One thing that happens.
    public sealed interface Step {
        /// The line of the file.
        int line();

        /// The client sends.
        ///
        /// @param text with escapes; `repeat` times, each with CRLF unless `raw`
        record Send(int line, String text, int repeat, boolean raw) implements Step {}

        /// The server sends.
        record Expect(int line, String text, int repeat, Form form) implements Step {}

        /// The server closes.
        record Closed(int line) implements Step {}

        /// The client closes.
        record Drop(int line) implements Step {}
    }

    /// How a line is compared.
    public enum Form {
        /// Whole, with wildcards.
        EXACT,
        /// Its beginning.
        PREFIX,
        /// A whole reply by its code.
        REPLY,
        /// A whole reply by its code and one of its lines.
        WITH,
        /// A whole reply by its code and a line it lacks.
        WITHOUT
    }

    /// Whether the client talks before the greeting.
    public boolean clientBegins() {
        return steps.getFirst() instanceof Step.Send;
    }

    /// Reads a file; throws [IllegalArgumentException] naming the line that is wrong.
    public static Dialogue parse(String name, String content) {
        Reader reader = new Reader(name);
        content.lines().forEach(reader::line);
        return reader.done();
    }

    private static final class Reader {
        private final String name;
        private final StringBuilder heading = new StringBuilder();
        private final Map<String, String> settings = new LinkedHashMap<>();
        private final List<String> faults = new ArrayList<>();
        private final List<Step> steps = new ArrayList<>();
        private int accepted = -1;
        private int number;

        Reader(String name) {
            this.name = name;
        }

        void line(String line) {
            number++;
            if (line.isBlank()) {
                return;
            }
            if (line.startsWith("#")) {
                if (steps.isEmpty()) {
                    heading.append(line.substring(1).strip()).append(' ');
                }
            } else if (line.startsWith("C") && line.length() > 1 && !line.startsWith("CLOSED")) {
                send(line);
            } else if (line.startsWith("S") && !line.startsWith("SET ")) {
                expect(line);
            } else {
                directive(line.strip().split(" +", 3));
            }
        }

        private void send(String line) {
            String text = text(line);
            if (line.startsWith("C*")) {
                steps.add(new Step.Send(number, text, count(line), false));
            } else {
                steps.add(new Step.Send(number, text, 1, line.charAt(1) == '!'));
            }
        }

        private void expect(String line) {
            String text = text(line);
            Form form =
                    switch (line.charAt(1)) {
                        case ':', '*' -> Form.EXACT;
                        case '~' -> Form.PREFIX;
                        case '+' -> Form.REPLY;
                        case '?' -> Form.WITH;
                        case '^' -> Form.WITHOUT;
                        default -> throw wrong();
                    };
            int repeat = line.startsWith("S*") ? count(line) : 1;
            steps.add(new Step.Expect(number, text, repeat, form));
        }

        private int count(String line) {
            try {
                return Integer.parseInt(line.substring(2, line.indexOf(':')));
            } catch (NumberFormatException | IndexOutOfBoundsException e) {
                throw wrong();
            }
        }

        private String text(String line) {
            int mark = line.charAt(1) == '*' ? line.indexOf(':') : 1;
            if (mark < 0 || mark >= line.length() || ":!~+?^".indexOf(line.charAt(mark)) < 0) {
                throw wrong();
            }
            String rest = line.substring(mark + 1);
            return rest.startsWith(" ") ? rest.substring(1) : rest;
        }

        private void directive(String[] words) {
            switch (words[0]) {
                case "SET" -> settings.put(words[1], words.length > 2 ? words[2] : "");
                case "FAULT" -> faults.add(words[1]);
                case "ACCEPTED" -> accepted = Integer.parseInt(words[1]);
                case "CLOSED" -> steps.add(new Step.Closed(number));
                case "DROP" -> steps.add(new Step.Drop(number));
                default -> throw wrong();
            }
        }

        private IllegalArgumentException wrong() {
            return new IllegalArgumentException(name + ":" + number + ": not a step");
        }

        Dialogue done() {
            if (steps.isEmpty() || heading.isEmpty()) {
                throw new IllegalArgumentException(name + ": no heading or no step");
            }
            return new Dialogue(
                    name,
                    heading.toString().strip(),
                    Collections.unmodifiableMap(settings),
                    List.copyOf(faults),
                    List.copyOf(steps),
                    accepted);
        }
    }
}
