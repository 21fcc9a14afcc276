package smtpd.core.sys;

/// Who made the other end of a Unix socket, as the kernel recorded it (`SO_PEERCRED`).
public record PeerCredentials(int pid, int uid, int gid) {}
