package smtpd.filter.run;

import smtpd.filter.Event;
import smtpd.filter.Report;
import smtpd.filter.wire.ProtocolException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The events by their words.
final class Known {
    /// What a session needs to know of itself.
    static final List<String> OF_SESSIONS =
            List.of(
                    Event.LINK_CONNECT.word(),
                    Event.LINK_IDENTIFY.word(),
                    Event.LINK_TLS.word(),
                    Event.LINK_AUTH.word(),
                    Event.LINK_DISCONNECT.word(),
                    Event.TX_RESET.word(),
                    Event.TX_BEGIN.word(),
                    Event.TX_MAIL.word(),
                    Event.TX_RCPT.word(),
                    Event.TX_COMMIT.word(),
                    Event.TX_ROLLBACK.word());

    private static final Map<String, Event<?>> BY_WORD = new LinkedHashMap<>();

    static {
        Event.all().forEach(event -> BY_WORD.put(event.word(), event));
    }

    private Known() {}

    static Report read(String word, String rest) throws ProtocolException {
        Event<?> event = BY_WORD.get(word);
        return event == null ? new Report.Unknown(word, rest) : event.read(rest);
    }
}
