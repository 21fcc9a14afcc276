package smtpd.core.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.sys.Bpf.Condition;
import smtpd.core.sys.Bpf.Op;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

class BpfTest {
    private static final int X86 = 0xc000003e;
    private static final int ARM = 0xc00000b7;

    private static final int EPERM = Bpf.errno(Errno.EPERM);
    private static final int ENOSYS = Bpf.errno(Errno.ENOSYS);
    private static final int PID = 4711;

    /// Runs a program as the kernel would.
    private static int run(List<Op> program, int arch, int nr, long... args) {
        int at = 0;
        int acc = 0;
        while (true) {
            Op op = program.get(at++);
            switch (op.code()) {
                case 0x20 -> acc = load(op.k(), arch, nr, args);
                case 0x54 -> acc &= op.k();
                case 0x15 -> at += acc == op.k() ? op.yes() : op.no();
                case 0x35 -> at += Integer.compareUnsigned(acc, op.k()) >= 0 ? op.yes() : op.no();
                case 0x06 -> {
                    return op.k();
                }
                default -> throw new AssertionError("operation " + op);
            }
        }
    }

    private static int load(int offset, int arch, int nr, long... args) {
        return switch (offset) {
            case 0 -> nr;
            case 4 -> arch;
            default -> {
                assertEquals(0, (offset - 16) % 8, "only low halves are read");
                int index = (offset - 16) / 8;
                yield index < args.length ? (int) args[index] : 0;
            }
        };
    }

    private static int ask(List<Op> program, String name, long... args) {
        return run(program, X86, SyscallTable.of(true).number(name).orElseThrow(), args);
    }

    private static List<Op> pledged(Permission... permissions) {
        return Seccomp.running(true, Set.of(permissions), Pledge.Mode.ERRNO, PID);
    }

    @Test
    void aSmallProgramIsThisOne() {
        Condition thread = new Condition(0, 0x10000, 0x10000);
        List<Op> program =
                new Bpf(true)
                        .rule("read", Bpf.ALLOW)
                        .rule("clone", List.of(List.of(thread)), EPERM)
                        .end(ENOSYS);
        assertEquals(
                List.of(
                        new Op(0x20, 0, 0, 4),
                        new Op(0x15, 1, 0, X86),
                        new Op(0x06, 0, 0, 0x80000000),
                        new Op(0x20, 0, 0, 0),
                        new Op(0x35, 0, 1, 0x40000000),
                        new Op(0x06, 0, 0, 0x80000000),
                        new Op(0x15, 0, 1, 0),
                        new Op(0x06, 0, 0, 0x7fff0000),
                        new Op(0x15, 0, 5, 56),
                        new Op(0x20, 0, 0, 16),
                        new Op(0x54, 0, 0, 0x10000),
                        new Op(0x15, 0, 1, 0x10000),
                        new Op(0x06, 0, 0, 0x7fff0000),
                        new Op(0x06, 0, 0, 0x50001),
                        new Op(0x06, 0, 0, 0x50026)),
                program);
    }

    @Test
    void anotherMachineIsKilled() {
        List<Op> program = pledged();
        assertEquals(Bpf.KILL, run(program, 0x40000003, 0));
        assertEquals(Bpf.KILL, run(program, ARM, 63));
        assertEquals(Bpf.KILL, run(program, X86, 0x40000000));
        assertEquals(Bpf.ALLOW, run(program, X86, 0));
    }

    @Test
    void theFilterOfTheOtherMachineHoldsItsOwnNumbers() {
        List<Op> program = Seccomp.running(false, Set.of(), Pledge.Mode.ERRNO, PID);
        assertEquals(Bpf.ALLOW, run(program, ARM, 63));
        assertEquals(EPERM, run(program, ARM, 221));
        assertEquals(Bpf.KILL, run(program, X86, 0));
    }

    @Test
    void unknownCallsDoNotExistAndDangerousOnesAreRefused() {
        List<Op> program = pledged();
        assertEquals(ENOSYS, run(program, X86, 9999));
        assertEquals(ENOSYS, ask(program, "clone3"));
        assertEquals(ENOSYS, ask(program, "openat2"));
        for (String name : List.of("ptrace", "execve", "setresuid", "bpf", "mount", "listen")) {
            assertEquals(EPERM, ask(program, name), name);
        }
        assertEquals(EPERM, ask(program, "rename"));
    }

    @Test
    void threadsMayBeMadeAndProcessesNot() {
        assertEquals(Bpf.ALLOW, ask(pledged(), "clone", 0x3d0f00));
        assertEquals(EPERM, ask(pledged(), "clone", 0x4111));
        assertEquals(Bpf.ALLOW, ask(pledged(Permission.EXEC), "clone", 0x4111));
    }

    @Test
    void filesAreOpenedToReadOnly() {
        int eacces = Bpf.errno(Errno.EACCES);
        assertEquals(Bpf.ALLOW, ask(pledged(), "openat", 0, 0, 0x80000));
        assertEquals(eacces, ask(pledged(), "openat", 0, 0, 0x80002));
        assertEquals(eacces, ask(pledged(), "openat", 0, 0, 0x40));
        assertEquals(eacces, ask(pledged(), "open", 0, 1));
        assertEquals(Bpf.ALLOW, ask(pledged(Permission.WPATH), "openat", 0, 0, 0x42));
    }

    @Test
    void socketsAreOfThePromisedKindOnly() {
        int none = Bpf.errno(Errno.EAFNOSUPPORT);
        List<Op> connect = pledged(Permission.CONNECT);
        assertEquals(Bpf.ALLOW, ask(connect, "socket", 2, 1 | 0x80000));
        assertEquals(Bpf.ALLOW, ask(connect, "socket", 10, 1));
        assertEquals(none, ask(connect, "socket", 2, 2));
        assertEquals(none, ask(connect, "socket", 1, 1));
        assertEquals(none, ask(connect, "socket", 16, 3));
        assertEquals(Bpf.ALLOW, ask(pledged(Permission.UDP), "socket", 10, 2));
        assertEquals(none, ask(pledged(Permission.UDP), "socket", 10, 1));
        assertEquals(none, ask(pledged(), "socket", 2, 1));
        assertEquals(Bpf.ALLOW, ask(pledged(Permission.UNIX), "socket", 1, 2));
        assertEquals(Bpf.ALLOW, ask(pledged(Permission.ACCEPT), "accept4"));
        assertEquals(EPERM, ask(pledged(Permission.ACCEPT), "connect"));
    }

    @Test
    void aProcessSignalsItselfOnly() {
        assertEquals(Bpf.ALLOW, ask(pledged(), "tgkill", PID, 9));
        assertEquals(EPERM, ask(pledged(), "tgkill", 1, 9));
        assertEquals(Bpf.ALLOW, ask(pledged(), "kill", PID));
        assertEquals(EPERM, ask(pledged(), "kill", 1));
        assertEquals(EPERM, ask(pledged(), "kill", -1));
        assertEquals(Bpf.ALLOW, ask(pledged(Permission.PROC), "kill", 1));
    }

    @Test
    void modesDifferInWhatHappensOnly() {
        List<Op> kill = Seccomp.running(true, Set.of(), Pledge.Mode.KILL, PID);
        assertEquals(Bpf.KILL, ask(kill, "execve"));
        assertEquals(ENOSYS, ask(kill, "clone3"));
        assertEquals(ENOSYS, run(kill, X86, 9999));
        List<Op> log = Seccomp.running(true, Set.of(), Pledge.Mode.LOG, PID);
        assertEquals(Bpf.LOG, ask(log, "execve"));
        assertEquals(Bpf.LOG, run(log, X86, 9999));
    }

    @Test
    void beforeTheProgramStartsOnlyTheWorstIsRefused() {
        List<Op> program = Seccomp.beforeExec(true, Set.of(Permission.CONNECT));
        assertEquals(Bpf.ALLOW, ask(program, "execve"));
        assertEquals(Bpf.ALLOW, ask(program, "clone", 0x4111));
        assertEquals(EPERM, ask(program, "clone", 0x10000000));
        assertEquals(EPERM, ask(program, "setresuid"));
        assertEquals(EPERM, ask(program, "ptrace"));
        assertEquals(Bpf.errno(Errno.EAFNOSUPPORT), ask(program, "socket", 2, 2));
        assertEquals(Bpf.ALLOW, ask(program, "socket", 1, 1));
        List<Op> mda = Seccomp.beforeExec(true, Set.of(Permission.SETID));
        assertEquals(Bpf.ALLOW, ask(mda, "setresuid"));
    }

    @Test
    void everyFilterFitsTheKernelsLimits() {
        for (boolean x86 : List.of(true, false)) {
            List<Op> all =
                    Seccomp.running(x86, EnumSet.allOf(Permission.class), Pledge.Mode.ERRNO, PID);
            assertTrue(all.size() < 4096);
            for (Op op : all) {
                assertTrue(op.yes() < 256 && op.no() < 256);
            }
        }
    }

    @Test
    void misspeltCallsAreNoticed() {
        assertThrows(IllegalArgumentException.class, () -> new Bpf(true).rule("raed", Bpf.ALLOW));
    }

    @Test
    void theNumbersWeCallAreThoseOfTheTable() {
        SyscallTable table = SyscallTable.of(Sys.X86_64);
        assertEquals(Sys.READ, table.number("read").orElseThrow());
        assertEquals(Sys.SECCOMP, table.number("seccomp").orElseThrow());
        assertEquals(Sys.SETRESUID, table.number("setresuid").orElseThrow());
        assertEquals(Sys.RECVMSG, table.number("recvmsg").orElseThrow());
        assertEquals(Sys.PPOLL, table.number("ppoll").orElseThrow());
        assertEquals(Sys.STATX, table.number("statx").orElseThrow());
        assertEquals(Sys.FCHOWNAT, table.number("fchownat").orElseThrow());
        assertEquals(Sys.LANDLOCK_ADD_RULE, table.number("landlock_add_rule").orElseThrow());
    }
}
