package smtpd.parent;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Config;
import smtpd.core.conf.SchedulerBackend;
import smtpd.core.proc.Paths;
import smtpd.core.proc.SandboxPolicy.Account;
import smtpd.core.sys.Host;
import smtpd.core.sys.Identity;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// Makes the directories and files the daemon needs, with their owners and modes.
final class Directories {
    private Directories() {}

    static void prepare(Paths paths, Accounts accounts, Config.Settings settings)
            throws IOException {
        parent(paths.socket());
        parent(paths.spool());
        make(paths.spool(), "rwx--x--x", accounts.of(Account.SMTPQ));
        make(paths.offline(), OfflineQueue.DIRECTORY_MODE, null);
        make(paths.state(), "rwx------", accounts.of(Account.SMTPD));
        if (settings.scheduler() == SchedulerBackend.SQLITE) {
            make(paths.index(), "rwx------", accounts.of(Account.SMTPD));
        }
        String witness = settings.queue().witness();
        if (!witness.isEmpty()) {
            witness(Path.of(witness), paths.spool(), accounts.of(Account.SMTPQ));
        }
    }

    /// A file that is there keeps its owner: it may be another than we think.
    static void witness(Path file, Path spool, @Nullable Identity owner) throws IOException {
        try {
            Path place = file.toAbsolutePath().getParent();
            if (place != null && place.toRealPath().startsWith(spool.toRealPath())) {
                throw new IOException(
                        "queue witness " + file + " is in the spool, which it is to watch");
            }
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isRegularFile(file)) {
                throw new IOException("queue witness " + file + " is no file", e);
            }
            return;
        } catch (FileSystemException e) {
            throw new IOException("queue witness " + file + " cannot be made: " + e, e);
        }
        if (owner != null) {
            Host.chown(file, owner.uid(), owner.gid());
        }
    }

    private static void parent(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
    }

    private static void make(Path path, String mode, @Nullable Identity owner) throws IOException {
        Files.createDirectories(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        if (owner != null) {
            Host.chown(path, owner.uid(), owner.gid());
        }
    }
}
