package smtpd.parent;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Bytes;
import smtpd.core.sys.Errno;
import smtpd.core.sys.SafeFile;
import smtpd.core.sys.SysException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/// Opens a user's `~/.forward`, if it is safe to believe it: a regular file of the user's own that
/// nobody else can write, in directories that nobody else can write (OpenSMTPD: secure_file).
final class Forwards {
    /// The longest `.forward`.
    static final int SIZE_MAX = 4096;

    private static final int STICKY = 01000;

    ParentToChild open(UserRecord user) {
        Path home = resolved(Path.of(user.home()));
        try (Opened directory = Opened.of(home)) {
            if (directory.file == null) {
                return absent();
            }
            SafeFile.Status status = directory.file.status();
            if ((status.permissions() & STICKY) != 0) {
                return later("home directory is closed for maintenance");
            }
            return forward(user, home, status);
        } catch (SysException e) {
            return isCertain(e.errno()) ? refused("cannot be opened") : later("cannot be opened");
        } catch (IOException e) {
            return later("cannot be read");
        }
    }

    /// A home may be reached through a symbolic link, which is the administrator's.
    private static Path resolved(Path home) {
        try {
            return home.toRealPath();
        } catch (IOException e) {
            return home;
        }
    }

    /// Errors that come from the file and not from a shortage of ours.
    private static boolean isCertain(int errno) {
        return errno == Errno.ELOOP || errno == Errno.EACCES || errno == Errno.EPERM;
    }

    private static ParentToChild forward(UserRecord user, Path home, SafeFile.Status directory)
            throws IOException {
        try (Opened opened = Opened.of(home.resolve(".forward"))) {
            if (opened.file == null) {
                return absent();
            }
            SafeFile.Status status = opened.file.status();
            if (!status.regular()) {
                return refused("is not a regular file");
            }
            if (status.uid() != user.uid() || status.othersMayWrite() || !safe(user, directory)) {
                return refused("could be written by others");
            }
            return content(opened.file);
        }
    }

    private static boolean safe(UserRecord user, SafeFile.Status home) {
        return (home.uid() == 0 || home.uid() == user.uid()) && !home.othersMayWrite();
    }

    private static ParentToChild content(SafeFile file) throws IOException {
        try (InputStream in = file.content()) {
            byte[] bytes = in.readNBytes(SIZE_MAX);
            return bytes.length >= SIZE_MAX
                    ? later("is too long")
                    : new ParentToChild.ForwardFile(LookupAnswer.FOUND, Bytes.of(bytes), "");
        }
    }

    /// A file that may not exist.
    private static final class Opened implements AutoCloseable {
        private final @Nullable SafeFile file;

        private Opened(@Nullable SafeFile file) {
            this.file = file;
        }

        private static Opened of(Path path) throws SysException {
            return new Opened(SafeFile.open(path).orElse(null));
        }

        @Override
        public void close() {
            if (file != null) {
                file.close();
            }
        }
    }

    private static ParentToChild absent() {
        return new ParentToChild.ForwardFile(LookupAnswer.NOT_FOUND, Bytes.EMPTY, "");
    }

    private static ParentToChild refused(String why) {
        return new ParentToChild.ForwardFile(LookupAnswer.FOUND, Bytes.EMPTY, why);
    }

    private static ParentToChild later(String why) {
        return new ParentToChild.ForwardFile(LookupAnswer.TEMPFAIL, Bytes.EMPTY, why);
    }
}
