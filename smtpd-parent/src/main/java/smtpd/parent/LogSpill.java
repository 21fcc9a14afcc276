package smtpd.parent;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/// A file for log lines that the system log did not take. It is made when there is the first, and
/// is for people: nobody here reads or empties it.
final class LogSpill {
    /// Most bytes of it: some hours of lines of a busy server, and little beside a spool.
    static final long BYTES_MAX = 16L * 1024 * 1024;

    private static final Set<OpenOption> OPTIONS =
            Set.of(
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.APPEND,
                    LinkOption.NOFOLLOW_LINKS);

    private final Path file;
    private final InstantSource clock;
    private @Nullable FileChannel channel;

    /// @param file in a directory that no process but the parent may change
    LogSpill(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
    }

    Path file() {
        return file;
    }

    /// Appends a line with the time; returns false if that cannot be or the file is full.
    boolean keep(String line) {
        String stamped = clock.instant().truncatedTo(ChronoUnit.SECONDS) + " " + line + "\n";
        ByteBuffer bytes = ByteBuffer.wrap(stamped.getBytes(StandardCharsets.UTF_8));
        try {
            FileChannel open = open();
            if (open.size() + bytes.remaining() > BYTES_MAX) {
                return false;
            }
            while (bytes.hasRemaining()) {
                open.write(bytes);
            }
            return true;
        } catch (IOException e) {
            // the disk is full as well: the line is counted as not kept
            return false;
        }
    }

    private FileChannel open() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            open =
                    FileChannel.open(
                            file,
                            OPTIONS,
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")));
            channel = open;
        }
        return open;
    }
}
