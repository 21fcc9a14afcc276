package smtpd.core.table;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The file of a passwd table: lines of `user:password:uid:gid:gecos:home:shell`, and whatever
/// Dovecot adds. The shell and what follows may be missing.
///
/// A `#` begins a comment wherever it stands (OpenSMTPD: table-passwd).
public final class PasswdFile {
    /// User, password, uid, gid, gecos, home.
    private static final int FIELDS_MIN = 6;

    private PasswdFile() {}

    /// Takes the entries.
    @FunctionalInterface
    public interface Sink {
        /// @param user not empty
        /// @param rest the fields after the user, at least five
        void entry(String user, String rest) throws IOException;
    }

    /// Reads a file.
    ///
    /// @throws TableText.Malformed naming the first line with too few fields or no user
    /// @throws IOException if it cannot be read
    public static void read(Path file, Sink sink) throws IOException, TableText.Malformed {
        try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            String line = in.readLine();
            for (int number = 1; line != null; number++) {
                int comment = line.indexOf('#');
                String entry = (comment < 0 ? line : line.substring(0, comment)).strip();
                if (!entry.isEmpty()) {
                    split(entry, number, sink);
                }
                line = in.readLine();
            }
        }
    }

    private static void split(String entry, int number, Sink sink)
            throws IOException, TableText.Malformed {
        int colon = entry.indexOf(':');
        if (colon <= 0) {
            throw new TableText.Malformed(number, "no user before a colon");
        }
        if (entry.split(":", -1).length < FIELDS_MIN) {
            throw new TableText.Malformed(number, "fewer than " + FIELDS_MIN + " fields");
        }
        sink.entry(entry.substring(0, colon), entry.substring(colon + 1));
    }
}
