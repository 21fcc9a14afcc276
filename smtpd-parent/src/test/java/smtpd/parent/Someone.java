package smtpd.parent;

import smtpd.core.imsg.UserRecord;
import smtpd.core.sys.Credentials;
import smtpd.core.sys.Host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// A user that tests work for: nobody when run by root, else whoever runs them.
final class Someone {
    static final boolean ROOT = Credentials.uid() == 0;

    /// `nobody` everywhere but on the oldest systems.
    private static final int NOBODY = 65534;

    private Someone() {}

    static int uid() {
        return ROOT ? NOBODY : Credentials.uid();
    }

    static int gid() {
        return ROOT ? NOBODY : Credentials.gid();
    }

    static UserRecord at(Path home) {
        String name = ROOT ? "nobody" : System.getProperty("user.name");
        return new UserRecord(name, uid(), gid(), home.toString());
    }

    /// Gives a file to the user, when that is possible and needed.
    static Path own(Path path) throws IOException {
        if (ROOT) {
            Host.chown(path, uid(), gid());
        }
        return path;
    }

    static Path mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        return path;
    }
}
