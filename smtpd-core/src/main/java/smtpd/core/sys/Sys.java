package smtpd.core.sys;

/// The numbers of the system calls this package makes itself, for the machine it runs on.
///
/// The first column is x86_64 (`arch/x86/entry/syscalls/syscall_64.tbl`), the second aarch64
/// (`asm-generic/unistd.h`). `syscalls.tsv` holds the same numbers for the filters, by name.
final class Sys {
    static final boolean X86_64 = machine();

    static final int READ = nr(0, 63);
    static final int WRITE = nr(1, 64);
    static final int CLOSE = nr(3, 57);
    static final int GETPID = nr(39, 172);
    static final int SENDTO = nr(44, 206);
    static final int SOCKET = nr(41, 198);
    static final int CONNECT = nr(42, 203);
    static final int SENDMSG = nr(46, 211);
    static final int RECVMSG = nr(47, 212);
    static final int SHUTDOWN = nr(48, 210);
    static final int GETSOCKNAME = nr(51, 204);
    static final int GETPEERNAME = nr(52, 205);
    static final int SOCKETPAIR = nr(53, 199);
    static final int SETSOCKOPT = nr(54, 208);
    static final int GETSOCKOPT = nr(55, 209);
    static final int WAIT4 = nr(61, 260);
    static final int KILL = nr(62, 129);
    static final int UNAME = nr(63, 160);
    static final int FCNTL = nr(72, 25);
    static final int FLOCK = nr(73, 32);
    static final int CHDIR = nr(80, 49);
    static final int FCHOWN = nr(93, 55);
    static final int UMASK = nr(95, 166);
    static final int GETUID = nr(102, 174);
    static final int GETGID = nr(104, 176);
    static final int GETEUID = nr(107, 175);
    static final int GETEGID = nr(108, 177);
    static final int GETGROUPS = nr(115, 158);
    static final int SETGROUPS = nr(116, 159);
    static final int SETRESUID = nr(117, 147);
    static final int GETRESUID = nr(118, 148);
    static final int SETRESGID = nr(119, 149);
    static final int GETRESGID = nr(120, 150);
    static final int CAPGET = nr(125, 90);
    static final int CAPSET = nr(126, 91);
    static final int CHROOT = nr(161, 51);
    static final int PRCTL = nr(157, 167);
    static final int GETTID = nr(186, 178);
    static final int OPENAT = nr(257, 56);
    static final int FCHOWNAT = nr(260, 54);
    static final int PPOLL = nr(271, 73);
    static final int UNSHARE = nr(272, 97);
    static final int PIPE2 = nr(293, 59);
    static final int SECCOMP = nr(317, 277);
    static final int STATX = nr(332, 291);
    static final int CLOSE_RANGE = 436;
    static final int LANDLOCK_CREATE_RULESET = 444;
    static final int LANDLOCK_ADD_RULE = 445;
    static final int LANDLOCK_RESTRICT_SELF = 446;

    private Sys() {}

    private static boolean machine() {
        String arch = System.getProperty("os.arch", "");
        return switch (arch) {
            case "amd64", "x86_64" -> true;
            case "aarch64" -> false;
            default -> throw new UnsupportedOperationException("no system call table for " + arch);
        };
    }

    private static int nr(int x86, int arm) {
        return X86_64 ? x86 : arm;
    }
}
