package smtpd.mda;

import smtpd.core.imsg.UserRecord;

import java.io.IOException;
import java.nio.file.Path;

/// Takes on a user's rights for the time of some file system calls.
public interface AsUser {
    /// Runs `work` on this thread with the user's uid, gid and groups, and takes the own ones back.
    ///
    /// The work makes file system calls and nothing else. It must not start a thread, nor wake a
    /// virtual one, by whatever way: a thread that is born meanwhile keeps the user's rights for
    /// ever. Only platform threads come here.
    ///
    /// @throws IOException what the work threw, or that this process may not become that user
    <T> T run(UserRecord user, FileWork<T> work) throws IOException;

    /// Creates an empty file of mode 0600 that belongs to the user, in a directory where only we
    /// may; does nothing if there is something of that name.
    void createFor(UserRecord user, Path file) throws IOException;

    /// File system calls.
    ///
    /// @param <T> what they find
    @FunctionalInterface
    interface FileWork<T> {
        /// Makes the calls.
        T run() throws IOException;
    }
}
