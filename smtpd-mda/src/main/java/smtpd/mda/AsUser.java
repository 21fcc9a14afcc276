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

    /// The same with the group of the system's mail directory, where that group may write: so that
    /// a missing mailbox and a lock can be made there, and belong to the user.
    <T> T runIn(UserRecord user, Path mailDirectory, FileWork<T> work) throws IOException;

    /// File system calls.
    ///
    /// @param <T> what they find
    @FunctionalInterface
    interface FileWork<T> {
        /// Makes the calls.
        T run() throws IOException;
    }
}
