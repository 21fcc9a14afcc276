package smtpd.core.sys;

import java.nio.file.Path;

/// What a sandboxed process may do beneath one path.
///
/// @param path a file or directory; a path that does not exist gives no right. Never one under
///   `/proc`, but `/proc` itself: the parent that resolves it would give its own.
/// @param access the right
public record FileRule(Path path, Access access) {
    /// The rights a rule can give.
    public enum Access {
        /// Read files and list directories.
        READ(Landlock.READ_FILE | Landlock.READ_DIR),

        /// Read files whose names are known.
        READ_KNOWN(Landlock.READ_FILE),

        /// `READ`, and start programs: the Java runtime and the system libraries.
        EXECUTE(Landlock.READ_FILE | Landlock.READ_DIR | Landlock.EXECUTE),

        /// Read and write one existing file or device.
        WRITE_FILE(Landlock.READ_FILE | Landlock.WRITE_FILE | Landlock.TRUNCATE),

        /// Everything a directory of one's own needs: read, write, create, rename, remove. No
        /// program starts from it, and no device or symbolic link is made in it.
        OWN(
                Landlock.READ_FILE
                        | Landlock.READ_DIR
                        | Landlock.WRITE_FILE
                        | Landlock.TRUNCATE
                        | Landlock.REMOVE_DIR
                        | Landlock.REMOVE_FILE
                        | Landlock.MAKE_DIR
                        | Landlock.MAKE_REG
                        | Landlock.MAKE_SOCK
                        | Landlock.MAKE_FIFO
                        | Landlock.REFER);

        final long bits;

        Access(long bits) {
            this.bits = bits;
        }
    }

    public static FileRule read(Path path) {
        return new FileRule(path, Access.READ);
    }

    public static FileRule readKnown(Path path) {
        return new FileRule(path, Access.READ_KNOWN);
    }

    public static FileRule execute(Path path) {
        return new FileRule(path, Access.EXECUTE);
    }

    public static FileRule writeFile(Path path) {
        return new FileRule(path, Access.WRITE_FILE);
    }

    public static FileRule own(Path directory) {
        return new FileRule(directory, Access.OWN);
    }
}
