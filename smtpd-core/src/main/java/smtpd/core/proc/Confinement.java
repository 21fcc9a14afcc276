package smtpd.core.proc;

import smtpd.core.sys.Credentials;
import smtpd.core.sys.Permission;
import smtpd.core.sys.Pledge;
import smtpd.core.sys.SysException;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/// The last wall of a process, which it raises itself: its pledge.
public final class Confinement {
    /// The system property by which the parent says how strict: `strict`, `log` (allow and report)
    /// or `off`.
    public static final String PROPERTY = "smtpd.sandbox";

    private Confinement() {}

    /// Pledges what the process of a role needs and nothing else.
    ///
    /// @param more what it needs besides, as it is configured
    /// @return its sandbox line: `uid=… landlock=… seccomp=…`
    static String pledge(Role role, Set<Permission> more) {
        String mode = System.getProperty(PROPERTY, "strict");
        if (mode.equals("off")) {
            return "uid=" + Credentials.uid() + " landlock=off seccomp=off";
        }
        try {
            Pledge.preload();
            Set<Permission> permissions = new LinkedHashSet<>(SandboxPolicy.permissions(role));
            permissions.addAll(more);
            Pledge.Report report =
                    Pledge.of(permissions)
                            .apply(mode.equals("log") ? Pledge.Mode.LOG : Pledge.Mode.ERRNO);
            return "uid=%d landlock=%s seccomp=%s"
                    .formatted(
                            Credentials.uid(),
                            report.landlockAbi() > 0 && isWalled()
                                    ? "abi" + report.landlockAbi()
                                    : "no",
                            report.seccomp() ? mode : "no");
        } catch (SysException e) {
            throw new IllegalStateException("pledge", e);
        } catch (IOException e) {
            throw new IllegalStateException("before the pledge", e);
        }
    }

    /// Whether Landlock stands around us: nobody's rules give the root directory, which everybody
    /// may list otherwise. The kernel tells it in no other way, and what it refuses once it refuses
    /// for good.
    private static boolean isWalled() {
        try (DirectoryStream<Path> _ = Files.newDirectoryStream(Path.of("/"))) {
            return false;
        } catch (IOException _) {
            return true;
        }
    }
}
