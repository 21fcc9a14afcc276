package smtpd.core.sys;

import java.util.List;

/// The ids a program runs under: user, group and the complete list of supplementary groups.
public record Identity(int uid, int gid, List<Integer> groups) {
    public Identity {
        groups = List.copyOf(groups);
    }

    /// A user with its one group.
    public static Identity of(int uid, int gid) {
        return new Identity(uid, gid, List.of(gid));
    }
}
