package smtpd.e2e.scenario;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A user that runs the daemon and the programs, and whose mail is delivered.
///
/// @param uid its id
/// @param gid its group
/// @param prefix what a command line begins with so that it runs as this user; empty for the caller
public record Account(int uid, int gid, List<String> prefix) {
    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");
    private static final Path PASSWD = Path.of("/etc/passwd");
    private static final int NOBODY = 65_534;

    /// Whoever runs the tests; nobody if that is root. The test is skipped where root cannot start
    /// programs as somebody else.
    public static Account unprivileged() {
        Account caller = caller();
        if (!caller.isRoot()) {
            return caller;
        }
        Account nobody = nobody();
        Assumptions.assumeTrue(nobody.usable(), "setpriv is missing");
        return nobody;
    }

    /// Whoever runs the tests.
    public static Account caller() {
        Path own = Path.of("/proc/self/status");
        try {
            return new Account(number(own, "unix:uid"), number(own, "unix:gid"), List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The user with the fewest rights.
    public static Account nobody() {
        return new Account(
                NOBODY,
                NOBODY,
                List.of(
                        SETPRIV.toString(),
                        "--reuid=" + NOBODY,
                        "--regid=" + NOBODY,
                        "--clear-groups",
                        "--"));
    }

    /// Whether programs can be started as this user here.
    public boolean usable() {
        return prefix.isEmpty() || Files.isExecutable(SETPRIV);
    }

    public boolean isRoot() {
        return uid == 0;
    }

    /// Whether the users that a daemon started by root needs are there.
    public static boolean daemonUsersExist() {
        try {
            List<String> lines = Files.readAllLines(PASSWD);
            return Stream.of("_smtpd:", "_smtpq:")
                    .allMatch(user -> lines.stream().anyMatch(line -> line.startsWith(user)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Who a file of this user's must be readable for: the processes that root starts are not root.
    Account weakest() {
        return isRoot() && nobody().usable() ? nobody() : this;
    }

    /// A command line that runs as this user.
    List<String> command(List<String> words) {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(words);
        return all;
    }

    /// Gives a tree to this user.
    void own(Path root) throws IOException {
        if (prefix.isEmpty()) {
            return;
        }
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.toList()) {
                Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
            }
        }
    }

    /// A number that the file system keeps about a path itself, not what a link leads to.
    static int number(Path path, String attribute) throws IOException {
        Object value = Files.getAttribute(path, attribute, LinkOption.NOFOLLOW_LINKS);
        if (value instanceof Integer number) {
            return number;
        }
        throw new IOException(path + ": " + attribute);
    }
}
