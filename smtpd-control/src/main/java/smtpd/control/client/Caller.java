package smtpd.control.client;

import smtpd.core.proc.Paths;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Who calls the program, and where that one's daemon is.
///
/// @param user the name of the user the program runs as
/// @param fullName the user's name in letters, or empty
/// @param home the user's home directory
/// @param paths where the daemon's files are
/// @param socket its control socket
/// @param resubmitting whether the daemon itself submits what was left in the drop box: then
///   nothing is left there again
record Caller(
        String user, String fullName, Path home, Paths paths, Path socket, boolean resubmitting) {
    /// Overrides the control socket.
    private static final String SOCKET = "SMTPD_SOCKET";

    /// Set by the daemon when it submits what was left in the drop box.
    private static final String RESUBMITTING = "SMTPD_RESUBMITTING";

    /// What the environment says, unless `prefix`, which may be empty, says something else.
    static Caller of(Map<String, String> environment, String prefix) {
        Paths paths = prefix.isEmpty() ? Paths.of(environment) : Paths.below(Path.of(prefix));
        String socket = prefix.isEmpty() ? environment.getOrDefault(SOCKET, "") : "";
        String user = System.getProperty("user.name", "");
        return new Caller(
                user,
                "",
                Path.of(System.getProperty("user.home", "/")),
                paths,
                socket.isEmpty() ? paths.socket() : Path.of(socket),
                environment.containsKey(RESUBMITTING));
    }

    /// The same with the full name of the user database, where it is in the system's own file.
    Caller withFullName() {
        return new Caller(
                user, fullName(Path.of("/etc/passwd"), user), home, paths, socket, resubmitting);
    }

    /// The first part of the comment field of a user's line; `&` stands for the capitalised name.
    static String fullName(Path passwd, String user) {
        String start = user + ":";
        try {
            for (String line :
                    Files.readAllLines(passwd, java.nio.charset.StandardCharsets.ISO_8859_1)) {
                String[] fields = line.split(":", -1);
                if (line.startsWith(start) && fields.length >= 5) {
                    String name = fields[4].split(",", -1)[0];
                    return name.replace("&", capitalised(user));
                }
            }
        } catch (IOException _) {
            return "";
        }
        return "";
    }

    private static String capitalised(String user) {
        return user.isEmpty() ? user : Character.toUpperCase(user.charAt(0)) + user.substring(1);
    }
}
