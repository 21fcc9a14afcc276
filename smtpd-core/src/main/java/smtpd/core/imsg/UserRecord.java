package smtpd.core.imsg;

/// A user who can receive mail on this machine.
///
/// @param name the user's name
/// @param uid numeric user id
/// @param gid numeric group id
/// @param home home directory
public record UserRecord(String name, int uid, int gid, String home) {
    static void write(FrameOut out, UserRecord value) {
        out.text(value.name());
        out.u32(value.uid());
        out.u32(value.gid());
        out.text(value.home());
    }

    static UserRecord read(FrameIn in) {
        return new UserRecord(in.text(), in.u32(), in.u32(), in.text());
    }
}
