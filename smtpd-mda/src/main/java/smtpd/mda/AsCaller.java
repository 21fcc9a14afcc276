package smtpd.mda;

import smtpd.core.imsg.UserRecord;

import java.io.IOException;
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
    public <T> T runIn(UserRecord user, Path mailDirectory, FileWork<T> work) throws IOException {
        return run(user, work);
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
