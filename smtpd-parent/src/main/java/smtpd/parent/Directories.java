package smtpd.parent;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.SchedulerBackend;
import smtpd.core.proc.Paths;
import smtpd.core.proc.SandboxPolicy.Account;
import smtpd.core.sys.Host;
import smtpd.core.sys.Identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// Makes the directories the daemon needs, with their owners and modes.
final class Directories {
    private Directories() {}

    static void prepare(Paths paths, Accounts accounts, SchedulerBackend scheduler)
            throws IOException {
        parent(paths.socket());
        parent(paths.spool());
        make(paths.spool(), "rwx--x--x", accounts.of(Account.SMTPQ));
        make(paths.offline(), OfflineQueue.DIRECTORY_MODE, null);
        make(paths.state(), "rwx------", accounts.of(Account.SMTPD));
        if (scheduler == SchedulerBackend.SQLITE) {
            make(paths.index(), "rwx------", accounts.of(Account.SMTPD));
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
