package smtpd.mda;

import smtpd.core.imsg.UserRecord;
import smtpd.core.sys.Credentials;
import smtpd.core.sys.Identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// With the right to change ids: the calling thread, and no other, becomes the recipient for a
/// while.
///
/// OpenSMTPD: the user's primary group is its only one.
public final class AsRoot implements AsUser {
    private static final int GROUP_WRITES = 020;

    @Override
    public <T> T run(UserRecord user, FileWork<T> work) throws IOException {
        return become(user.uid(), user.gid(), work);
    }

    @Override
    public <T> T runIn(UserRecord user, Path mailDirectory, FileWork<T> work) throws IOException {
        int mode = (Integer) Files.getAttribute(mailDirectory, "unix:mode");
        int group = (Integer) Files.getAttribute(mailDirectory, "unix:gid");
        return become(user.uid(), (mode & GROUP_WRITES) != 0 ? group : user.gid(), work);
    }

    private static <T> T become(int uid, int gid, FileWork<T> work) throws IOException {
        try (Credentials.Assumed _ = Credentials.assume(Identity.of(uid, gid))) {
            return work.run();
        }
    }
}
