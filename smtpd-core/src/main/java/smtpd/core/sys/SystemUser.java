package smtpd.core.sys;

/// One entry of the system's user database.
///
/// @param gid the user's own group
/// @param home home directory, absolute, as written there
/// @param shell login shell, may be empty
public record SystemUser(String name, int uid, int gid, String home, String shell) {}
