package smtpd.mda;

import java.nio.file.Path;

/// What one envelope's delivery comes down to, once its action, its user and its addresses are put
/// together.
sealed interface Means {
    /// A maildir.
    ///
    /// @param root the maildir
    /// @param junk whether messages marked as spam go to the folder `.Junk`
    /// @param extension a folder that is used when it exists, with its dot; or empty
    record IntoMaildir(Path root, boolean junk, String extension) implements Means {}

    /// The user's mbox.
    ///
    /// @param directory where mbox files are; the user's bears the user's name
    record IntoMbox(Path directory) implements Means {}

    /// A file from aliases or `.forward`.
    record IntoFile(Path file) implements Means {}

    /// A shell command.
    record ByCommand(String command) implements Means {}

    /// An LMTP server.
    ///
    /// @param destination as configured
    /// @param rcptTo whether RCPT gives the recipient's address, not the user's name
    record ByLmtp(String destination, boolean rcptTo) implements Means {}
}
