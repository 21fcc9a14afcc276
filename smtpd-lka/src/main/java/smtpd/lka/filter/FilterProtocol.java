package smtpd.lka.filter;

import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.mail.SessionId;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// The lines of the filter protocol 0.7 (OpenSMTPD: smtpd-filters(7)). Pure.
///
/// A line is a string of octets, one in each character: what passes through is not changed by what
/// we take it for. Text that is ours to read or write goes through [#text] and [#octets].
final class FilterProtocol {
    /// The version spoken.
    static final String VERSION = "0.7";

    /// The version of OpenSMTPD that programs are told: the one we behave as.
    static final String SMTPD_VERSION = "7.8.0";

    /// Longest line of a program in octets: the longest line of a message, twice.
    static final int LINE_MAX = 128 * 1024;

    /// Longest session or token of a DNS query.
    private static final int LABEL_MAX = 64;

    /// Seconds a client may be silent, as programs are told.
    private static final int SESSION_TIMEOUT = 300;

    private FilterProtocol() {}

    /// What a program says.
    sealed interface Said {
        /// It wants to be told of an event; empty for every one.
        record WantsEvent(Subsystem subsystem, Optional<FilterEvent> event) implements Said {}

        /// It wants to be asked in a phase.
        record WantsPhase(FilterPhase phase) implements Said {}

        /// It wants to ask DNS.
        record WantsDns() implements Said {}

        /// It has said what it wants.
        record Ready() implements Said {}

        /// An answer.
        record Result(SessionId session, long token, Decision decision) implements Said {}

        /// A line of an edited message.
        record DataLine(SessionId session, long token, String line) implements Said {}

        /// Something to report, unasked.
        record Report(Subsystem subsystem, SessionId session, String text) implements Said {}

        /// A question to DNS.
        record DnsQuery(String session, String token, String type, String name) implements Said {}

        /// No line of this protocol.
        record Nonsense(String why) implements Said {}
    }

    /// The first words to a program, each line with its end.
    static String greeting(List<Subsystem> subsystems, String admd) {
        StringBuilder lines = new StringBuilder();
        lines.append("config|smtpd-version|").append(SMTPD_VERSION).append('\n');
        lines.append("config|protocol|").append(VERSION).append('\n');
        lines.append("config|smtp-session-timeout|").append(SESSION_TIMEOUT).append('\n');
        for (Subsystem each : subsystems) {
            lines.append("config|subsystem|").append(each.word()).append('\n');
        }
        return lines.append("config|admd|")
                .append(octets(clean(admd)))
                .append("\nconfig|ready\n")
                .toString();
    }

    /// `SECONDS.MICROSECONDS`.
    static String time(Instant now) {
        String micros = Integer.toString(now.getNano() / 1000);
        return now.getEpochSecond() + "." + "0".repeat(6 - micros.length()) + micros;
    }

    /// A report, with its end.
    static String report(
            String time,
            Subsystem subsystem,
            FilterEvent event,
            SessionId session,
            List<String> fields) {
        StringBuilder line = new StringBuilder("report|" + VERSION + "|");
        line.append(time).append('|').append(subsystem.word()).append('|').append(event.word());
        line.append('|').append(session);
        append(line, fields);
        return line.append('\n').toString();
    }

    /// A question, with its end.
    static String query(
            String time, FilterPhase phase, SessionId session, long token, List<String> fields) {
        StringBuilder line = new StringBuilder(head(time, phase, session, token));
        append(line, fields);
        return line.append('\n').toString();
    }

    /// A line of a message to be edited, with its end.
    static String dataLine(String time, SessionId session, long token, String line) {
        return head(time, FilterPhase.DATA_LINE, session, token) + "|" + line + "\n";
    }

    private static String head(String time, FilterPhase phase, SessionId session, long token) {
        return "filter|"
                + VERSION
                + "|"
                + time
                + "|smtp-in|"
                + phase.word()
                + "|"
                + session
                + "|"
                + HexFormat.of().toHexDigits(token);
    }

    private static void append(StringBuilder line, List<String> fields) {
        for (int i = 0; i < fields.size(); i++) {
            String field = octets(clean(fields.get(i)));
            line.append('|').append(i + 1 < fields.size() ? field.replace('|', '?') : field);
        }
    }

    /// A field that cannot end its line: a line break in it would be a line of whoever chose it.
    private static String clean(String field) {
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '\n' || c == '\r' || c == 0) {
                return field.replace('\n', '?').replace('\r', '?').replace('\0', '?');
            }
        }
        return field;
    }

    /// Text as octets.
    static String octets(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /// Octets as text.
    static String text(String octets) {
        return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /// What a line says.
    static Said parse(String line) {
        int bar = line.indexOf('|');
        String kind = bar < 0 ? line : line.substring(0, bar);
        return switch (kind) {
            case "filter-dataline" -> dataLine(line);
            case "filter-result" -> result(line);
            case "register" -> register(line);
            case "report" -> unaskedReport(line);
            case "dns-query" -> dnsQuery(line);
            default -> new Said.Nonsense("no such line: " + text(line));
        };
    }

    private static Said dataLine(String line) {
        String[] fields = line.split("\\|", 4);
        if (fields.length < 4 || !isHex(fields[1]) || !isHex(fields[2])) {
            return new Said.Nonsense("not a line of data: " + text(line));
        }
        return new Said.DataLine(session(fields[1]), hex(fields[2]), fields[3]);
    }

    private static Said result(String line) {
        String[] fields = line.split("\\|", 5);
        Optional<Decision.Verb> verb =
                fields.length < 4 ? Optional.empty() : Decision.Verb.of(fields[3]);
        if (verb.isEmpty() || !isHex(fields[1]) || !isHex(fields[2])) {
            return new Said.Nonsense("not a result: " + text(line));
        }
        boolean bare = verb.get() == Decision.Verb.PROCEED || verb.get() == Decision.Verb.JUNK;
        if (!bare && fields.length < 5) {
            return new Said.Nonsense("a result without its parameter: " + text(line));
        }
        String parameter = bare || fields.length < 5 ? "" : text(fields[4]);
        return new Said.Result(
                session(fields[1]), hex(fields[2]), new Decision(verb.get(), parameter));
    }

    private static Said register(String line) {
        String[] fields = line.split("\\|", 4);
        if (line.equals("register|ready")) {
            return new Said.Ready();
        }
        Optional<Subsystem> subsystem = fields.length < 3 ? Optional.empty() : subsystem(fields[2]);
        if (subsystem.isEmpty()) {
            return new Said.Nonsense("registers for nothing: " + text(line));
        }
        String name = fields.length < 4 ? "" : fields[3];
        if (fields[1].equals("report")) {
            return wantsEvent(subsystem.get(), name);
        }
        if (fields[1].equals("filter") && subsystem.get() == Subsystem.IN) {
            return phase(name)
                    .<Said>map(Said.WantsPhase::new)
                    .orElseGet(() -> new Said.Nonsense("no such phase: " + text(name)));
        }
        return fields[1].equals("dns") && fields.length == 3
                ? new Said.WantsDns()
                : new Said.Nonsense("registers for nothing: " + text(line));
    }

    private static Said wantsEvent(Subsystem subsystem, String name) {
        return name.equals("*")
                ? new Said.WantsEvent(subsystem, Optional.empty())
                : event(name)
                        .<Said>map(it -> new Said.WantsEvent(subsystem, Optional.of(it)))
                        .orElseGet(() -> new Said.Nonsense("no such event: " + text(name)));
    }

    /// `report|SECONDS.MICROSECONDS|SUBSYSTEM|SESSION|TEXT`.
    private static Said unaskedReport(String line) {
        String[] fields = line.split("\\|", 5);
        Optional<Subsystem> subsystem = fields.length < 5 ? Optional.empty() : subsystem(fields[2]);
        if (subsystem.isEmpty() || !isHex(fields[3])) {
            return new Said.Nonsense("not a report: " + text(line));
        }
        return new Said.Report(subsystem.get(), session(fields[3]), text(fields[4]));
    }

    private static Said dnsQuery(String line) {
        String[] fields = line.split("\\|", 5);
        if (fields.length < 5 || !isLabel(fields[1]) || !isLabel(fields[2])) {
            return new Said.Nonsense("not a query: " + text(line));
        }
        return new Said.DnsQuery(fields[1], fields[2], fields[3], text(fields[4]));
    }

    private static boolean isLabel(String text) {
        return !text.isEmpty()
                && text.length() <= LABEL_MAX
                && text.chars().allMatch(c -> c > ' ' && c <= '~');
    }

    private static boolean isHex(String text) {
        return text.length() == 16 && text.chars().allMatch(c -> Character.digit(c, 16) >= 0);
    }

    private static long hex(String text) {
        return Long.parseUnsignedLong(text, 16);
    }

    private static SessionId session(String text) {
        return new SessionId(hex(text));
    }

    private static Optional<Subsystem> subsystem(String word) {
        for (Subsystem each : Subsystem.values()) {
            if (each.word().equals(word)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    private static Optional<FilterEvent> event(String word) {
        for (FilterEvent each : FilterEvent.values()) {
            if (each.word().equals(word)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    private static Optional<FilterPhase> phase(String word) {
        for (FilterPhase each : FilterPhase.values()) {
            if (each.word().equals(word)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }
}
