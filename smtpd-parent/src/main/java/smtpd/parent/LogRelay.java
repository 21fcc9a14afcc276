package smtpd.parent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/// Takes the lines of every process to the system log, without ever waiting for it: mail goes on
/// while the log service is dead or does not read.
///
/// What it does not take is counted. Lines that say what became of mail, sessions and commands, all
/// but those of debugging, are kept in a file meanwhile ([LogSpill]). When it takes lines again, it
/// is told how many it missed and where they are.
final class LogRelay {
    /// Longest line: what log services take at least; the rest of a longer one is dropped.
    static final int LINE_MAX = 8000;

    private static final int BUFFER = 16 * 1024;

    private final Predicate<String> log;
    private final LogSpill spill;
    private long missed;
    private long kept;

    /// @param log takes a line, or says that it did not
    LogRelay(Predicate<String> log, LogSpill spill) {
        this.log = log;
        this.spill = spill;
    }

    /// Relays lines until they end.
    void run(InputStream in) {
        byte[] buffer = new byte[BUFFER];
        byte[] line = new byte[LINE_MAX];
        int length = 0;
        try (in) {
            int n;
            while ((n = in.read(buffer)) >= 0) {
                for (int i = 0; i < n; i++) {
                    if (buffer[i] == '\n') {
                        line(new String(line, 0, length, StandardCharsets.UTF_8));
                        length = 0;
                    } else if (length < LINE_MAX) {
                        line[length++] = buffer[i];
                    }
                }
            }
        } catch (IOException e) {
            // the pipe ends with the daemon
        }
    }

    /// Relays one line.
    void line(String line) {
        if (line.isBlank()) {
            return;
        }
        if (!log.test(line)) {
            missed++;
            if (!line.startsWith("debug:") && spill.keep(line)) {
                kept++;
            }
            return;
        }
        if (missed > 0 && log.test(summary())) {
            missed = 0;
            kept = 0;
        }
    }

    private String summary() {
        return "warn: log: "
                + missed
                + " lines not taken by the system log, "
                + kept
                + " of them kept in "
                + spill.file();
    }
}
