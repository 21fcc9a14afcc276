package smtpd.core.log;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;

import org.slf4j.LoggerFactory;

/// Sets up SLF4J and Logback: lines go to standard error from a bounded ring, so that a blocked
/// reader of the log never blocks mail; what does not fit is dropped and counted.
public final class Logging {
    /// Lines kept for a slow reader of the log.
    static final int RING = 8192;

    private Logging() {}

    /// Sends everything to standard error, one bare line per event: the parent adds what syslog
    /// needs.
    public static void toStandardError() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%msg%n%ex{full}");
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        AsyncAppender ring = new AsyncAppender();
        ring.setContext(context);
        ring.setQueueSize(RING);
        ring.setDiscardingThreshold(0);
        ring.setNeverBlock(true);
        ring.addAppender(console);
        ring.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(ring);
    }

    /// Writes out what is in the ring, waiting at most a second; logging ends.
    public static void flush() {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    }

    /// Turns debug lines on or off.
    public static void verbose(boolean on) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)
                .setLevel(on ? Level.DEBUG : Level.INFO);
    }
}
