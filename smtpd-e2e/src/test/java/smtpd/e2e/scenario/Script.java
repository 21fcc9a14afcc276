package smtpd.e2e.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What happens on a stage, one step a line; `#` begins a remark. `@NAME@` stands for a value.
///
/// | step | meaning |
/// |---|---|
/// | `SEND from to,to subject` | a small mail over SMTP; every answer must be 2xx or 3xx |
/// | `DIALOGUE file` | a dialogue of the folder over SMTP; `DIALOGUE file 127.0.0.2` from that address |
/// | `RUN program words < file` | a program ends with status 0, `RUN*75` with that; its output is for `OUT` |
/// | `QUEUE*n` | `smtpctl show queue` has n lines, sooner or later; they are for `OUT` |
/// | `DRAIN` | everything is scheduled again and again until the queue is empty |
/// | `MAIL*n directory` | a maildir below the prefix has n new messages; they are for `TEXT` |
/// | `FILE path` | a file below the prefix is there; its lines are for `TEXT` |
/// | `TREE path` | what lies there and below, a line `uid:gid mode path` each, is for `TEXT` |
/// | `FARMAIL*n` | the far end has taken n messages in this script; they are for `TEXT` |
/// | `GREENMAIL*n` | GreenMail has n messages, one for each recipient; they are for `TEXT` |
/// | `LOG pattern` | the daemon logs a line that matches, sooner or later |
/// | `LMTP`, `FAR`, `MXA`, `MXB pattern` | that far end is told so, sooner or later |
/// | `OUT`, `TEXT pattern` | a line matches |
/// | `LOG! pattern` | no line so far matches; also the other sources |
/// | `LOG*n pattern` | n lines match, no more; also the other sources |
/// | `LET name pattern` | a value is what the first group of the pattern matches in `OUT` |
/// | `HEARD name pattern` | the same in what the far end has been told in this script |
/// | `KIND on` | the far ends take everything; `KIND off` |
/// | `SIGNAL name` | to the daemon; `END` waits for its end with status 0, `END*n` with n; `START` |
///
/// @param name the file, for messages
/// @param why the remarks at its beginning
/// @param steps in order
record Script(String name, String why, List<Step> steps) {
    private static final Pattern STEP = Pattern.compile("([A-Z]+)(?:(!)|\\*(\\d+))?(?: (.*))?");

    /// One step.
    ///
    /// @param line its line
    /// @param verb its first word
    /// @param count the number written with it, 0 for `!`, else -1
    /// @param rest what follows
    record Step(int line, String verb, int count, String rest) {
        int countOr(int otherwise) {
            return count < 0 ? otherwise : count;
        }
    }

    /// Reads a file; throws [IllegalArgumentException] naming the line that is wrong.
    static Script parse(String name, String content) {
        List<Step> steps = new ArrayList<>();
        StringBuilder why = new StringBuilder();
        int number = 0;
        for (String line : content.lines().toList()) {
            number++;
            if (line.startsWith("#") && steps.isEmpty()) {
                why.append(line.substring(1).strip()).append(' ');
            }
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            Matcher matcher = STEP.matcher(line.stripTrailing());
            if (!matcher.matches()) {
                throw new IllegalArgumentException(name + ":" + number + ": not a step: " + line);
            }
            int count = matcher.group(3) != null ? Integer.parseInt(matcher.group(3)) : -1;
            String rest = matcher.group(4) == null ? "" : matcher.group(4);
            steps.add(
                    new Step(number, matcher.group(1), matcher.group(2) != null ? 0 : count, rest));
        }
        if (why.isEmpty() || steps.isEmpty()) {
            throw new IllegalArgumentException(name + ": no remark or no step");
        }
        return new Script(name, why.toString().strip(), List.copyOf(steps));
    }
}
