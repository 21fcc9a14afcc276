package smtpd.lka.table;

import smtpd.core.imsg.UserRecord;

import java.util.Optional;

/// The value of a userbase entry: `uid:gid:home`.
public final class UserLine {
    private UserLine() {}

    /// Reads the value of the entry `name`; empty when it is malformed. The home may hold colons.
    public static Optional<UserRecord> parse(String name, String value) {
        String[] parts = value.strip().split(":", 3);
        if (parts.length != 3 || !isId(parts[0]) || !isId(parts[1])) {
            return Optional.empty();
        }
        int uid = Integer.parseUnsignedInt(parts[0]);
        int gid = Integer.parseUnsignedInt(parts[1]);
        return Optional.of(new UserRecord(name, uid, gid, parts[2]));
    }

    /// The value of an entry for `user`.
    public static String write(UserRecord user) {
        return Integer.toUnsignedString(user.uid())
                + ":"
                + Integer.toUnsignedString(user.gid())
                + ":"
                + user.home();
    }

    private static boolean isId(String text) {
        return text.matches("[0-9]{1,10}") && Long.parseLong(text) < 0xffff_ffffL;
    }
}
