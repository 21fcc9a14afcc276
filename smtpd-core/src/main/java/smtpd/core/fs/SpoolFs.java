package smtpd.core.fs;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/// The file operations a spool is made of, below one root directory.
///
/// Names are relative, with `/` between directories. What survives a power cut is only what was
/// forced: file bytes by [SpoolFile#force()], directory entries (create, rename, unlink) by
/// [#forceDir(String)]. A full disk shows as [NoSpaceException], a full table of descriptors as
/// [NoDescriptorException]; every other [IOException] from a writing call means that the device is
/// not to be trusted any more.
public interface SpoolFs {
    /// Creates a file that does not exist yet, for reading and writing.
    SpoolFile create(String name) throws IOException;

    /// Opens an existing file for reading and writing; throws [java.nio.file.NoSuchFileException]
    /// if there is none.
    SpoolFile open(String name) throws IOException;

    /// Opens an existing file for reading; throws [java.nio.file.NoSuchFileException] if there is
    /// none. The bytes stay readable through it when the name is unlinked or renamed.
    SpoolFile openForReading(String name) throws IOException;

    /// Renames a file, replacing what has the new name.
    void rename(String from, String to) throws IOException;

    /// Removes a name; throws [java.nio.file.NoSuchFileException] if there is none.
    void unlink(String name) throws IOException;

    /// Makes a directory and its parents unless they exist.
    void makeDir(String dir) throws IOException;

    /// The names of the files in a directory, sorted, without their directory.
    List<String> list(String dir) throws IOException;

    /// Makes the entries of a directory durable; the empty name is the root.
    void forceDir(String dir) throws IOException;

    /// How many bytes may still be written by this user.
    long usableSpace() throws IOException;

    /// How many bytes the file system has in all.
    long totalSpace() throws IOException;

    /// Takes the lock file `name` for this process until the result is closed; throws
    /// [AlreadyLockedException] while another holds it.
    Closeable lock(String name) throws IOException;
}
