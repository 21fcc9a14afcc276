package smtpd.filter.wire;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// What the server says: one line.
public sealed interface ServerLine {
    /// A value of the handshake.
    record Config(String key, String value) implements ServerLine {}

    /// The end of the server's half of the handshake.
    record ConfigReady() implements ServerLine {}

    /// An event.
    ///
    /// @param rest what is behind the session; empty if nothing is
    record Report(Instant time, String subsystem, String event, String session, String rest)
            implements ServerLine {}

    /// A question about a phase.
    ///
    /// @param rest what is behind the token
    record Question(Instant time, String phase, String session, String token, String rest)
            implements ServerLine {}

    /// A line of content.
    ///
    /// @param line one character for each byte; dots still doubled
    record Content(Instant time, String session, String token, String line) implements ServerLine {}

    /// A record of an answer of DNS.
    record DnsRecord(String session, String token, String type, String value)
            implements ServerLine {}

    /// The end of an answer of DNS.
    record DnsEnd(String session, String token, String status) implements ServerLine {}

    /// Something of a later version.
    record Other(String word) implements ServerLine {}

    /// Reads a line. What later versions 0.x may add is kept apart or left out; everything else is
    /// an error.
    static ServerLine read(byte[] bytes) throws ProtocolException {
        Cursor line = new Cursor(new String(bytes, StandardCharsets.ISO_8859_1));
        String word = line.field("a word");
        return switch (word) {
            case "config" -> config(line);
            case "report" -> report(line);
            case "filter" -> question(line);
            case "dns-result" -> dns(line);
            default -> new Other(word);
        };
    }

    private static ServerLine config(Cursor line) throws ProtocolException {
        String key = line.field("a key");
        return key.equals("ready") && line.isAtEnd()
                ? new ConfigReady()
                : new Config(key, line.rest());
    }

    private static ServerLine report(Cursor line) throws ProtocolException {
        line.version();
        Instant time = line.time();
        String subsystem = line.field("a subsystem");
        String event = line.field("an event");
        String session = line.id("a session");
        return new Report(time, subsystem, event, session, line.rest());
    }

    private static ServerLine question(Cursor line) throws ProtocolException {
        line.version();
        Instant time = line.time();
        String subsystem = line.field("a subsystem");
        if (!subsystem.equals("smtp-in")) {
            throw new ProtocolException("a question about " + subsystem);
        }
        String phase = line.field("a phase");
        String session = line.id("a session");
        String token = line.id("a token");
        return phase.equals("data-line")
                ? new Content(time, session, token, line.rawRest())
                : new Question(time, phase, session, token, line.rest());
    }

    private static ServerLine dns(Cursor line) throws ProtocolException {
        String session = line.field("a session");
        String token = line.field("a token");
        String type = line.field("a type");
        if (!type.equals("end")) {
            return new DnsRecord(session, token, type, line.rest());
        }
        return new DnsEnd(session, token, line.field("a status"));
    }
}
