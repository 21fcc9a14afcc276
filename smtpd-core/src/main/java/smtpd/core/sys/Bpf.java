package smtpd.core.sys;

import java.util.ArrayList;
import java.util.List;

/// Assembles the classic BPF program of a system call filter (`seccomp(2)`).
///
/// The program checks the machine first and kills calls of another one, x32 among them; then each
/// rule in the order given, the most frequent calls best first; then answers as `end` says.
final class Bpf {
    /// What the kernel does with a call.
    static final int ALLOW = 0x7fff0000;

    static final int LOG = 0x7ffc0000;
    static final int KILL = 0x80000000;
    private static final int ERRNO = 0x00050000;

    /// One instruction: operation, jump distances if true and false, operand.
    record Op(int code, int yes, int no, int k) {}

    /// Holds when the low 32 bits of an argument, masked, equal a value. All arguments we test are
    /// `int` or flags in the low half.
    record Condition(int arg, int mask, int value) {
        static Condition is(int arg, int value) {
            return new Condition(arg, -1, value);
        }
    }

    private static final int LOAD = 0x20;
    private static final int AND = 0x54;
    private static final int EQUAL = 0x15;
    private static final int AT_LEAST = 0x35;
    private static final int RETURN = 0x06;

    private static final int NR = 0;
    private static final int ARCH = 4;
    private static final int ARGS = 16;

    private static final int ARCH_X86_64 = 0xc000003e;
    private static final int ARCH_AARCH64 = 0xc00000b7;
    private static final int X32_BIT = 0x40000000;

    private final SyscallTable table;
    private final List<Op> ops = new ArrayList<>();

    Bpf(boolean x86) {
        table = SyscallTable.of(x86);
        load(ARCH);
        ops.add(new Op(EQUAL, 1, 0, x86 ? ARCH_X86_64 : ARCH_AARCH64));
        answer(KILL);
        load(NR);
        if (x86) {
            ops.add(new Op(AT_LEAST, 0, 1, X32_BIT));
            answer(KILL);
        }
    }

    static int errno(int number) {
        return ERRNO | number;
    }

    /// Answers a call the same way always.
    Bpf rule(String name, int action) {
        table.number(name)
                .ifPresent(nr -> {
                    ops.add(new Op(EQUAL, 0, 1, nr));
                    answer(action);
                });
        return this;
    }

    /// Allows a call if all conditions of one of the alternatives hold, answers `otherwise` if not.
    Bpf rule(String name, List<List<Condition>> alternatives, int otherwise) {
        table.number(name)
                .ifPresent(nr -> {
                    List<Op> block = new Bpf(this, alternatives, otherwise).ops;
                    ops.add(new Op(EQUAL, 0, block.size(), nr));
                    ops.addAll(block);
                });
        return this;
    }

    /// A block that decides by arguments; it never falls through.
    private Bpf(Bpf outer, List<List<Condition>> alternatives, int otherwise) {
        table = outer.table;
        for (List<Condition> all : alternatives) {
            int left = all.size() * 3 + 1;
            for (Condition c : all) {
                load(ARGS + Long.BYTES * c.arg());
                ops.add(new Op(AND, 0, 0, c.mask()));
                left -= 3;
                ops.add(new Op(EQUAL, 0, left, c.value()));
            }
            answer(ALLOW);
        }
        answer(otherwise);
    }

    /// The finished program.
    List<Op> end(int action) {
        answer(action);
        return List.copyOf(ops);
    }

    private void load(int offset) {
        ops.add(new Op(LOAD, 0, 0, offset));
    }

    private void answer(int action) {
        ops.add(new Op(RETURN, 0, 0, action));
    }
}
