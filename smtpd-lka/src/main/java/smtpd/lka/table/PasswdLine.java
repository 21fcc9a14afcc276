package smtpd.lka.table;

import org.jspecify.annotations.Nullable;

import smtpd.core.table.TableText;

import java.util.Locale;

/// A line of a passwd table: `user:password:uid:gid:gecos:home:shell`, and whatever Dovecot adds.
///
/// The shell and what follows may be missing; each service needs only its own fields (OpenSMTPD:
/// table-passwd). A password may begin with the scheme of Dovecot's `passwd-file` when that means a
/// hash of crypt(3) or argon2; the scheme is left out of the answer.
final class PasswdLine {
    /// User, password, uid, gid, gecos, home.
    private static final int FIELDS_MIN = 6;

    private PasswdLine() {}

    /// What follows the user.
    ///
    /// @throws TableText.Malformed if there are too few fields, or no user
    static String rest(String line, int number) throws TableText.Malformed {
        int colon = line.indexOf(':');
        if (colon <= 0) {
            throw new TableText.Malformed(number, "no user before a colon");
        }
        if (line.split(":", -1).length < FIELDS_MIN) {
            throw new TableText.Malformed(number, "fewer than " + FIELDS_MIN + " fields");
        }
        return line.substring(colon + 1);
    }

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
