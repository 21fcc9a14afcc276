package smtpd.mda;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// The file operations of mailboxes. None follows a symbolic link in the last part of a path but
/// [#resolve].
interface Disk {
    /// Creates a file of mode 0600 that does not exist yet.
    MailFile create(Path file) throws IOException;

    /// Opens a file for appending, creating it with mode 0600 if `create`.
    MailFile append(Path file, boolean create) throws IOException;

    /// Creates a directory of mode 0700; one that exists is left alone.
    void createDirectory(Path directory) throws IOException;

    /// What is at a path; empty if there is nothing.
    Optional<FileFacts> facts(Path path) throws IOException;

    /// Where a path leads when links are followed.
    Path resolve(Path path) throws IOException;

    /// Renames a file; replaces what is there.
    void move(Path from, Path to) throws IOException;

    /// Removes a file; one that is not there is no error.
    void delete(Path file) throws IOException;

    /// Brings a directory's entries to stable storage.
    void syncDirectory(Path directory) throws IOException;

    /// What is known of a file.
    ///
    /// @param kind what it is
    /// @param uid its owner
    /// @param links how many names it has
    /// @param inode which file it is on its file system
    /// @param modified when it was last written to
    record FileFacts(Kind kind, int uid, int links, long inode, Instant modified) {}

    /// What a path names.
    enum Kind {
        /// A regular file.
        FILE,
        /// A directory.
        DIRECTORY,
        /// A symbolic link.
        LINK,
        /// A device, a socket or a pipe.
        OTHER
    }
}
