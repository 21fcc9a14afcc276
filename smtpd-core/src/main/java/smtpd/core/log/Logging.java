package smtpd.core.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;

import org.slf4j.LoggerFactory;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;

/// Sets up SLF4J and Logback: lines go to standard error, bare, from a bounded buffer ([LineRing]).
public final class Logging {
    private Logging() {}

    /// Sends everything to standard error, one bare line per event: the parent adds what syslog
    /// needs.
    public static void toStandardError() {
        // not System.err, which keeps quiet about lines that could not be written
        to(new FileOutputStream(FileDescriptor.err));
    }

    /// Sends everything to `out`, as [#toStandardError()] does.
    public static void to(OutputStream out) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        LineRing ring = new LineRing(out);
        ring.setContext(context);
        ring.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(ring);
        context.getLogger("org.xbill").setLevel(Level.WARN);
        // what is wrong with somebody's signatures is said where the answer is refused
        context.getLogger("org.xbill.DNS.dnssec").setLevel(Level.ERROR);
    }

    /// Writes out what is waiting, for at most a second; logging ends.
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
