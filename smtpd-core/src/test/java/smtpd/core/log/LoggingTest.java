package smtpd.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.util.stream.Collectors.joining;

import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

class LoggingTest {
    @Test
    void linesAreBareAndDebugIsSilentUnlessVerbose() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        Logging.to(written);
        Logger log = LoggerFactory.getLogger("logging.test");
        log.info("info: {} ready", "smtpd");
        log.debug("debug: silent");
        Logging.verbose(true);
        log.debug("debug: shown");
        Logging.verbose(false);
        log.debug("debug: silent again");
        log.warn("warn: odd");
        Logging.flush();
        assertEquals(
                "info: smtpd ready|debug: shown|warn: odd",
                Stream.of(written.toString(StandardCharsets.UTF_8).split("\n", -1))
                        .filter(line -> line.matches("(info|debug|warn): (smtpd|s|odd).*"))
                        .collect(joining("|")));
    }
}
