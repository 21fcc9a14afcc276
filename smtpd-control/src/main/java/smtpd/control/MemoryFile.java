package smtpd.control;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The file that [Memory] is kept in. It outlives the process and not the daemon, so that nothing
/// is synced. Written by a thread of its own: a slow disk delays nobody.
final class MemoryFile {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryFile.class);

    private final Path file;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("memory").daemon(true).factory());

    /// @param directory the process's own
    MemoryFile(Path directory) {
        file = directory.resolve("control.state");
    }

    /// What was kept last; empty if nothing was, or it cannot be read.
    String read() {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            LOG.warn("warn: control: {}: {}", file, e.getMessage());
            return "";
        }
    }

    /// Keeps a text, soon.
    void keep(String text) {
        thread.execute(() -> write(text));
    }

    private void write(String text) {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(fresh, text);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("warn: control: cannot keep what is paused: {}", e.toString());
        }
    }
}
