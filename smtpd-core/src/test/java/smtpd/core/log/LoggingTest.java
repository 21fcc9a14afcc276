package smtpd.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.util.stream.Collectors.joining;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

class LoggingTest {
    private final PrintStream before = System.err;

    @AfterEach
    void restore() {
        System.setErr(before);
    }

    @Test
    void linesAreBareAndDebugIsSilentUnlessVerbose() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
        Logging.toStandardError();
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
