package smtpd.mda;

import smtpd.core.imsg.UserRecord;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Without root: everything is done as the user the daemon runs as, and for that user alone.
public final class AsCaller implements AsUser {
    private final int uid;

    /// @param uid the user the daemon runs as
    public AsCaller(int uid) {
        this.uid = uid;
    }

    @Override
    public <T> T run(UserRecord user, FileWork<T> work) throws IOException {
        check(user);
        return work.run();
    }

    @Override
    public void createFor(UserRecord user, Path file) throws IOException {
        check(user);
        try {
            Files.createFile(file, PosixDisk.PRIVATE_FILE);
        } catch (FileAlreadyExistsException _) {
            return;
        }
    }

    private void check(UserRecord user) throws IOException {
        if (user.uid() != uid) {
            throw new DeliveryFailure(
                    Verdict.tempfail(
                            "4.3.5",
                            "cannot deliver as user "
                                    + user.name()
                                    + ": running without root as uid "
                                    + uid));
        }
    }
}
