package smtpd.filter.wire;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// What a filter says: one line, with its end.
public final class FilterLine {
    private static final int NANOS_IN_MICRO = 1000;

    private FilterLine() {}

    /// Wants to hear an event.
    public static byte[] registerReport(String subsystem, String event) {
        return line("register|report|" + subsystem + "|" + event, StandardCharsets.UTF_8);
    }

    /// Wants to be asked.
    public static byte[] registerFilter(String phase) {
        return line("register|filter|smtp-in|" + phase, StandardCharsets.UTF_8);
    }

    /// Wants to look names up.
    public static byte[] registerDns(String subsystem) {
        return line("register|dns|" + subsystem, StandardCharsets.UTF_8);
    }

    /// The end of the handshake.
    public static byte[] registerReady() {
        return line("register|ready", StandardCharsets.UTF_8);
    }

    /// An answer.
    ///
    /// @param decision with its field, if it has one
    public static byte[] result(String session, String token, String decision) {
        return line(
                "filter-result|" + session + "|" + token + "|" + decision, StandardCharsets.UTF_8);
    }

    /// A line of content.
    ///
    /// @param text one character for each byte, dots doubled
    public static byte[] content(String session, String token, String text) {
        return line(
                "filter-dataline|" + session + "|" + token + "|" + text,
                StandardCharsets.ISO_8859_1);
    }

    /// A text that nobody asked for.
    public static byte[] report(Instant time, String subsystem, String session, String text) {
        String at = "%d.%06d".formatted(time.getEpochSecond(), time.getNano() / NANOS_IN_MICRO);
        return line(
                "report|" + at + "|" + subsystem + "|" + session + "|" + text,
                StandardCharsets.UTF_8);
    }

    /// A question for DNS.
    public static byte[] dnsQuery(String session, String token, String type, String name) {
        return line(
                "dns-query|" + session + "|" + token + "|" + type + "|" + name,
                StandardCharsets.UTF_8);
    }

    private static byte[] line(String text, Charset charset) {
        return (text + "\n").getBytes(charset);
    }
}
