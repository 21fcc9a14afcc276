package smtpd.parent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.sys.Descriptors;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/// What a delivery command prints, read to its end by a thread of its own so that the command never
/// waits for us; only its last line is kept.
final class CommandOutput {
    private static final Logger LOG = LoggerFactory.getLogger(CommandOutput.class);

    /// How long output may still come once the command and its group are gone. A descendant that
    /// fled keeps the pipe open; it is not waited for.
    private static final Duration GRACE = Duration.ofMillis(500);

    private static final int CHUNK = 8192;

    private final int fd;
    private final LastLine lastLine = new LastLine();
    private final Thread reader;
    private volatile boolean over;

    /// @param fd the reading end of the pipe, owned from now on
    /// @param name for the thread
    CommandOutput(int fd, String name) {
        this.fd = fd;
        reader = Thread.ofPlatform().name(name).daemon(true).start(this::drain);
    }

    private void drain() {
        byte[] buffer = new byte[CHUNK];
        try (InputStream in = Descriptors.input(fd)) {
            int count = 0;
            while (count >= 0 && !over) {
                if (Descriptors.awaitReadable(fd, GRACE.toMillis())) {
                    count = in.read(buffer);
                    lastLine.add(buffer, count);
                }
            }
            long deadline = System.nanoTime() + GRACE.toNanos();
            while (count >= 0
                    && System.nanoTime() - deadline < 0
                    && Descriptors.awaitReadable(fd, 0)) {
                count = in.read(buffer);
                lastLine.add(buffer, count);
            }
        } catch (IOException e) {
            LOG.debug("debug: command output: {}", e.getMessage());
        }
    }

    /// Waits for the rest, not for ever; the last line. Called when the command is gone.
    String end() {
        over = true;
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return lastLine.text();
    }
}
