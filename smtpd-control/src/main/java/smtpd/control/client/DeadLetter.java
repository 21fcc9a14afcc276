package smtpd.control.client;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Set;

/// `~/dead.letter`: where a message ends that was read and could not be submitted, behind the ones
/// that are there already, as in a mailbox.
final class DeadLetter {
    private static final Set<OpenOption> APPEND =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS);

    /// The date of a mailbox, as `asctime(3)` writes it.
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH);

    private DeadLetter() {}

    /// Appends a message.
    ///
    /// @return the file
    static Path save(Path home, String user, ZonedDateTime now, RawMessage message)
            throws IOException {
        String date = DATE.format(now);
        Path file = home.resolve("dead.letter");
        try (FileChannel channel =
                        FileChannel.open(
                                file,
                                APPEND,
                                PosixFilePermissions.asFileAttribute(
                                        PosixFilePermissions.fromString("rw-------")));
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
                InputStream in = message.open()) {
            out.write(("From " + user + " " + date + "\n").getBytes(StandardCharsets.UTF_8));
            copy(in, out);
            out.write("\n\n".getBytes(StandardCharsets.US_ASCII));
        }
        return file;
    }

    /// Copies, `>` in front of each line that looks like the beginning of a message.
    private static void copy(InputStream in, OutputStream out) throws IOException {
        byte[] from = "From ".getBytes(StandardCharsets.US_ASCII);
        int matched = 0;
        int octet;
        while ((octet = in.read()) >= 0) {
            if (matched >= 0 && octet == from[matched]) {
                matched++;
                if (matched == from.length) {
                    out.write('>');
                    out.write(from);
                    matched = -1;
                }
                continue;
            }
            if (matched > 0) {
                out.write(from, 0, matched);
            }
            out.write(octet);
            matched = octet == '\n' ? 0 : -1;
        }
        if (matched > 0) {
            out.write(from, 0, matched);
        }
    }
}
