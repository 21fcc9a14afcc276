package smtpd.core.sys;

import smtpd.core.sys.Bpf.Condition;
import smtpd.core.sys.Bpf.Op;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The two system call filters of a child: a deny-list that stands before its first instruction,
/// and the allow-list it pledges to once it has started.
final class Seccomp {
    static final int SET_MODE_FILTER = 1;
    static final int TSYNC = 1;

    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_TYPE = 0xf;

    private static final int CLONE_THREAD = 0x10000;

    /// All flags `CLONE_NEW…` but that of time, which `clone` cannot express.
    private static final int CLONE_NAMESPACES = 0x7e020000;

    /// `O_WRONLY`, `O_RDWR`, `O_CREAT`, `O_TRUNC` and `O_TMPFILE`.
    private static final int OPEN_TO_WRITE = 0x3 | 0x40 | 0x200 | 0x400000;

    private static final int TCGETS = 0x5401;
    private static final int FIONREAD = 0x541b;
    private static final int FIONBIO = 0x5421;

    private static final int OP_BYTES = 8;

    private Seccomp() {}

    static boolean available(int getActionAvail) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment action = arena.allocateFrom(ValueLayout.JAVA_INT, Bpf.errno(0));
            return Native.quiet(Sys.SECCOMP, getActionAvail, 0, action.address()) == 0;
        }
    }

    /// What no child needs, ever. Programs can still be started: the child itself has to be.
    static List<Op> beforeExec(boolean x86, Set<Permission> permissions) {
        Bpf bpf = new Bpf(x86);
        for (String name : SyscallGroups.DANGEROUS) {
            bpf.rule(name, Bpf.errno(Errno.EPERM));
        }
        if (!permissions.contains(Permission.SETID)) {
            for (String name : SyscallGroups.SETID) {
                bpf.rule(name, Bpf.errno(Errno.EPERM));
            }
        }
        sockets(bpf, permissions, true);
        Condition sameWorld = new Condition(0, CLONE_NAMESPACES, 0);
        bpf.rule("clone", List.of(List.of(sameWorld)), Bpf.errno(Errno.EPERM));
        bpf.rule("clone3", Bpf.errno(Errno.ENOSYS));
        return bpf.end(Bpf.ALLOW);
    }

    /// What a running process needs and no more: an unknown call does not exist (`ENOSYS`, which
    /// libc knows how to do without), a dangerous one is refused.
    ///
    /// @param pid the process; it may signal its own threads
    static List<Op> running(boolean x86, Set<Permission> permissions, Pledge.Mode mode, int pid) {
        Bpf bpf = new Bpf(x86);
        for (String name : SyscallGroups.BASE) {
            bpf.rule(name, Bpf.ALLOW);
        }
        boolean log = mode == Pledge.Mode.LOG;
        int refused = log ? Bpf.LOG : mode == Pledge.Mode.KILL ? Bpf.KILL : Bpf.errno(Errno.EPERM);
        permissions.stream().sorted().forEach(p -> group(bpf, SyscallGroups.of(p)));
        sockets(bpf, permissions, false);
        byArgument(bpf, permissions, refused, pid);
        bpf.rule("clone3", Bpf.errno(Errno.ENOSYS));
        for (String name : SyscallGroups.refusedWithout(permissions)) {
            bpf.rule(name, refused);
        }
        return bpf.end(log ? Bpf.LOG : Bpf.errno(Errno.ENOSYS));
    }

    private static void group(Bpf bpf, List<String> names) {
        for (String name : names) {
            bpf.rule(name, Bpf.ALLOW);
        }
    }

    private static void byArgument(Bpf bpf, Set<Permission> permissions, int refused, int pid) {
        if (!permissions.contains(Permission.EXEC)) {
            Condition thread = new Condition(0, CLONE_THREAD, CLONE_THREAD);
            bpf.rule("clone", List.of(List.of(thread)), refused);
        }
        if (!permissions.contains(Permission.WPATH)) {
            int no = refused == Bpf.LOG ? refused : Bpf.errno(Errno.EACCES);
            bpf.rule("open", List.of(List.of(new Condition(1, OPEN_TO_WRITE, 0))), no);
            bpf.rule("openat", List.of(List.of(new Condition(2, OPEN_TO_WRITE, 0))), no);
        }
        if (!permissions.contains(Permission.PROC)) {
            bpf.rule("kill", List.of(List.of(Condition.is(0, pid))), refused);
        }
        bpf.rule("tgkill", List.of(List.of(Condition.is(0, pid))), refused);
        bpf.rule(
                "prlimit64",
                List.of(List.of(Condition.is(0, 0)), List.of(Condition.is(0, pid))),
                refused);
        bpf.rule(
                "ioctl",
                List.of(
                        List.of(Condition.is(1, FIONREAD)),
                        List.of(Condition.is(1, FIONBIO)),
                        List.of(Condition.is(1, TCGETS))),
                refused == Bpf.LOG ? refused : Bpf.errno(Errno.ENOTTY));
    }

    /// Which sockets may be made; another family does not exist (`EAFNOSUPPORT`, which the JDK
    /// turns into an exception it knows).
    private static void sockets(Bpf bpf, Set<Permission> permissions, boolean starting) {
        List<List<Condition>> allowed = new ArrayList<>();
        if (starting || permissions.contains(Permission.UNIX)) {
            allowed.add(List.of(Condition.is(0, AF_UNIX)));
        }
        if (permissions.contains(Permission.CONNECT) || permissions.contains(Permission.LISTEN)) {
            allowed.addAll(internet(SOCK_STREAM));
        }
        if (permissions.contains(Permission.UDP)) {
            allowed.addAll(internet(SOCK_DGRAM));
        }
        bpf.rule("socket", allowed, Bpf.errno(Errno.EAFNOSUPPORT));
        bpf.rule(
                "socketpair",
                List.of(List.of(Condition.is(0, AF_UNIX))),
                Bpf.errno(Errno.EAFNOSUPPORT));
    }

    private static List<List<Condition>> internet(int type) {
        Condition kind = new Condition(1, SOCK_TYPE, type);
        return List.of(
                List.of(Condition.is(0, AF_INET), kind), List.of(Condition.is(0, AF_INET6), kind));
    }

    /// A program as the kernel wants it: `struct sock_fprog` pointing at the instructions.
    static MemorySegment program(Arena arena, List<Op> ops) {
        MemorySegment code = arena.allocate((long) ops.size() * OP_BYTES, Long.BYTES);
        for (int i = 0; i < ops.size(); i++) {
            Op op = ops.get(i);
            long at = (long) i * OP_BYTES;
            code.set(ValueLayout.JAVA_SHORT, at, (short) op.code());
            code.set(ValueLayout.JAVA_BYTE, at + 2, (byte) op.yes());
            code.set(ValueLayout.JAVA_BYTE, at + 3, (byte) op.no());
            code.set(ValueLayout.JAVA_INT, at + 4, op.k());
        }
        MemorySegment prog = arena.allocate(16, Long.BYTES);
        prog.set(ValueLayout.JAVA_SHORT, 0, (short) ops.size());
        prog.set(ValueLayout.JAVA_LONG, 8, code.address());
        return prog;
    }
}
