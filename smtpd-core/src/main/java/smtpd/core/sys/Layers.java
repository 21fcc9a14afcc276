package smtpd.core.sys;

/// The layers of the sandbox that this kernel grants to this process.
///
/// @param uid whether it can give children other users (it runs as root)
/// @param landlockAbi version of Landlock, 0 for none; 4 or more covers TCP ports too
/// @param seccomp whether system calls can be filtered
public record Layers(boolean uid, int landlockAbi, boolean seccomp) {
    private static final int ABI_NET = 4;
    private static final int GET_ACTION_AVAIL = 2;

    /// Asks the kernel.
    public static Layers probe() {
        return new Layers(
                Native.quiet(Sys.GETEUID) == 0,
                Landlock.abi(),
                Seccomp.available(GET_ACTION_AVAIL));
    }

    /// Whether nothing is missing.
    public boolean complete() {
        return uid && landlockAbi >= ABI_NET && seccomp;
    }

    /// The line for log and status: `sandbox: uid=yes landlock=abi7 net=yes seccomp=strict`.
    public String line() {
        return "sandbox: uid=%s landlock=%s net=%s seccomp=%s"
                .formatted(
                        uid ? "yes" : "no",
                        landlockAbi > 0 ? "abi" + landlockAbi : "no",
                        landlockAbi >= ABI_NET ? "yes" : "no",
                        seccomp ? "strict" : "no");
    }
}
