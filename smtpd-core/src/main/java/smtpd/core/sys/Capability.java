package smtpd.core.sys;

/// A capability that a sandboxed process may keep (`capabilities(7)`).
public enum Capability {
    /// Change the group and the supplementary groups of a thread.
    SETGID(6),
    /// Change the user of a thread.
    SETUID(7),
    /// Bind TCP ports below 1024.
    NET_BIND_SERVICE(10);

    /// The highest number a capability set of two words can hold.
    static final int LAST = 63;

    final int number;

    Capability(int number) {
        this.number = number;
    }

    /// Its bit in a set.
    public long bit() {
        return 1L << number;
    }
}
