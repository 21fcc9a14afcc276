package smtpd.lka.table;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/// What a line of a passwd table answers: each service needs only its own fields (OpenSMTPD:
/// table-passwd).
///
/// A password may begin with the scheme of Dovecot's `passwd-file` when that means a hash of
/// crypt(3) or argon2; the scheme is left out of the answer.
final class PasswdLine {
    private PasswdLine() {}

    /// `user:hash`; null if there is no password.
    static @Nullable String credentials(String user, String rest) {
        String password = withoutScheme(rest.split(":", -1)[0]);
        return password.isEmpty() ? null : user + ":" + password;
    }

    /// `uid:gid:home`; null if one of them is missing.
    static @Nullable String userinfo(String rest) {
        String[] fields = rest.split(":", -1);
        String value = fields[1] + ":" + fields[2] + ":" + fields[4];
        boolean complete = !fields[4].isEmpty() && UserLine.parse("", value).isPresent();
        return complete ? value : null;
    }

    private static String withoutScheme(String password) {
        int end = password.startsWith("{") ? password.indexOf('}') : -1;
        if (end < 0) {
            return password;
        }
        return switch (password.substring(1, end).toUpperCase(Locale.ROOT)) {
            case "CRYPT",
                    "MD5-CRYPT",
                    "SHA256-CRYPT",
                    "SHA512-CRYPT",
                    "BLF-CRYPT",
                    "ARGON2I",
                    "ARGON2ID" ->
                    password.substring(end + 1);
            default -> password;
        };
    }
}
