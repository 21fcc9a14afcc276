package smtpd.core.proc;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.log.Traces;

/// `smtpctl trace imsg`: one line for each frame received, by its type; content is never shown.
final class ImsgTrace {
    private static final Logger LOG = LoggerFactory.getLogger("imsg");

    private ImsgTrace() {}

    static void received(String link, long id, int flags, Object message) {
        if (Traces.on(Traces.IMSG)) {
            LOG.info(
                    "imsg: {} {} id={} {}",
                    link,
                    (flags & 1) != 0 ? "answer" : "message",
                    id,
                    message.getClass().getSimpleName());
        }
    }
}
