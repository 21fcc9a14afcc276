package smtpd.core.imsg;

import smtpd.core.proc.Role;

/// A process as the kernel shows it from outside (proc_pid_status(5)).
///
/// @param process which
/// @param pid its id
/// @param identity whom it runs as
/// @param rights what it may still do
/// @param memory what it takes
public record ProcessView(Role process, long pid, Identity identity, Rights rights, Memory memory) {
    /// Whom a process runs as.
    ///
    /// @param uid the effective user id
    /// @param gid the effective group id
    public record Identity(int uid, int gid) {}

    /// What a process may still do.
    ///
    /// @param capabilities the effective ones, a bit for each
    /// @param bounding those it could ever get back, a bit for each
    /// @param noNewPrivs whether no program it starts can give it more
    /// @param seccomp 0 for none, 1 for strict, 2 for filters
    /// @param filters how many filters of system calls it carries
    public record Rights(
            long capabilities, long bounding, boolean noNewPrivs, int seccomp, int filters) {}

    /// What a process takes.
    ///
    /// @param resident bytes in memory, pages shared with others included
    /// @param share bytes in memory, shared pages in parts; -1 if the kernel does not say
    /// @param threads how many
    public record Memory(long resident, long share, int threads) {}

    static void write(FrameOut out, ProcessView it) {
        out.choice(it.process()).i64(it.pid()).u32(it.identity().uid()).u32(it.identity().gid());
        Rights rights = it.rights();
        out.i64(rights.capabilities()).i64(rights.bounding()).bool(rights.noNewPrivs());
        out.u32(rights.seccomp()).u32(rights.filters());
        out.i64(it.memory().resident()).i64(it.memory().share()).u32(it.memory().threads());
    }

    static ProcessView read(FrameIn in) {
        return new ProcessView(
                in.choice(Role.values()),
                in.i64(),
                new Identity(in.u32(), in.u32()),
                new Rights(in.i64(), in.i64(), in.bool(), in.u32(), in.u32()),
                new Memory(in.i64(), in.i64(), in.u32()));
    }
}
