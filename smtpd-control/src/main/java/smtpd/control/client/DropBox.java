package smtpd.control.client;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/// Where messages wait while the daemon is down: a file for each, whose first line is the command
/// line joined by `|` (OpenSMTPD: offline queue).
///
/// The directory can be written by everybody and listed by nobody. A file is made anew (`O_EXCL`,
/// no link is followed), readable by its owner only, under a hidden name that the daemon passes
/// over until all of it is on disk.
final class DropBox {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /// A new file, and nothing else that may be there.
    private static final Set<OpenOption> NEW =
            Set.of(
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);

    private final Path directory;

    DropBox(Path directory) {
        this.directory = directory;
    }

    /// Whether arguments can be kept: none may hold what separates them.
    static boolean takes(List<String> arguments) {
        for (String argument : arguments) {
            if (argument.indexOf('|') >= 0 || argument.indexOf('\n') >= 0) {
                return false;
            }
        }
        return true;
    }

    /// Keeps a message until the daemon is up.
    ///
    /// @throws IOException if it could not be kept; nothing is left of it then
    void keep(List<String> arguments, RawMessage message, Instant now) throws IOException {
        String name = now.getEpochSecond() + "." + Long.toHexString(new SecureRandom().nextLong());
        Path hidden = directory.resolve("." + name);
        try (FileChannel file = FileChannel.open(hidden, NEW, OWNER_ONLY)) {
            write(file, arguments, message);
            Files.move(hidden, directory.resolve(name));
        } catch (IOException e) {
            Files.deleteIfExists(hidden);
            throw e;
        }
    }

    private static void write(FileChannel file, List<String> arguments, RawMessage message)
            throws IOException {
        OutputStream out = Channels.newOutputStream(file);
        String line = "sendmail|" + String.join("|", arguments) + "\n";
        out.write(line.getBytes(StandardCharsets.UTF_8));
        message.copyTo(out);
        file.force(true);
    }
}
