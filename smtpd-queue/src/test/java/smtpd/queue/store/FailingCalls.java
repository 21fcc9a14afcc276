package smtpd.queue.store;

import org.junit.jupiter.api.Assumptions;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/// System calls that fail in one thread of this process, from a moment on, as a seccomp filter
/// says: what a disk, a quota or a table of descriptors that is full answers, without one.
final class FailingCalls {
    static final int EIO = 5;
    static final int ENFILE = 23;
    static final int EMFILE = 24;
    static final int ENOSPC = 28;
    static final int EROFS = 30;
    static final int EDQUOT = 122;

    private static final boolean X86_64 = System.getProperty("os.arch", "").equals("amd64");

    /// Calls by what they do; each with all its numbers on this machine.
    enum Call {
        WRITE,
        SYNC,
        RENAME,
        OPEN,
        CLOSE;

        private List<Integer> numbers() {
            return switch (this) {
                case WRITE -> X86_64 ? List.of(1, 18, 20) : List.of(64, 68, 66);
                case SYNC -> X86_64 ? List.of(74, 75) : List.of(82, 83);
                case RENAME -> X86_64 ? List.of(82, 264, 316) : List.of(38, 276);
                case OPEN -> X86_64 ? List.of(2, 257) : List.of(56);
                case CLOSE -> X86_64 ? List.of(3) : List.of(57);
            };
        }
    }

    private static final int LOAD = 0x20;
    private static final int EQUAL = 0x15;
    private static final int RETURN = 0x06;
    private static final int ALLOW = 0x7fff0000;
    private static final int ERRNO = 0x00050000;

    /// Offset of the low half of the first argument in `struct seccomp_data`.
    private static final int FIRST_ARGUMENT = 16;

    private static final int SET_SECCOMP = 22;
    private static final int SET_NO_NEW_PRIVS = 38;
    private static final int FILTER = 2;

    /// Something that may throw.
    interface Work {
        void run() throws Exception;
    }

    private FailingCalls() {}

    /// Runs work in a thread of its own, whose calls it may let fail; its failures are the test's.
    static void apart(Work work) throws Exception {
        FutureTask<Boolean> task =
                new FutureTask<>(() -> {
                    work.run();
                    return true;
                });
        Thread thread = Thread.ofPlatform().start(task);
        try {
            task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw e;
            }
        }
        thread.join();
    }

    /// From now on these calls of this thread fail.
    static void fail(int errno, List<Call> calls) throws Exception {
        filter(errno, calls, -1);
    }

    /// From now on these calls of this thread fail when they are about an open file.
    static void fail(int errno, List<Call> calls, Path file) throws Exception {
        filter(errno, calls, descriptor(file));
    }

    private static int descriptor(Path file) throws Exception {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            for (Path each : open.toList()) {
                if (Files.isSymbolicLink(each)
                        && Files.exists(each)
                        && Files.isSameFile(each, file)) {
                    return Integer.parseInt(each.getFileName().toString());
                }
            }
        }
        throw new IllegalArgumentException(file + " is not open");
    }

    private static void filter(int errno, List<Call> calls, int descriptor) throws Exception {
        List<int[]> ops = new java.util.ArrayList<>();
        ops.add(new int[] {LOAD, 0, 0, 0});
        for (Call call : calls) {
            for (int number : call.numbers()) {
                if (descriptor < 0) {
                    ops.add(new int[] {EQUAL, 0, 1, number});
                } else {
                    ops.add(new int[] {EQUAL, 0, 4, number});
                    ops.add(new int[] {LOAD, 0, 0, FIRST_ARGUMENT});
                    ops.add(new int[] {EQUAL, 1, 0, descriptor});
                    ops.add(new int[] {RETURN, 0, 0, ALLOW});
                }
                ops.add(new int[] {RETURN, 0, 0, ERRNO | errno});
            }
        }
        ops.add(new int[] {RETURN, 0, 0, ALLOW});
        install(ops);
    }

    @SuppressWarnings("restricted") // a call of the kernel is what this is about
    private static void install(List<int[]> ops) throws Exception {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor form =
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG);
        MethodHandle prctl =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("prctl"),
                        form,
                        Linker.Option.firstVariadicArg(1));
        try (Arena arena = Arena.ofConfined()) {
            long program = program(arena, ops).address();
            int result = call(prctl, SET_NO_NEW_PRIVS, 1, 0);
            result |= call(prctl, SET_SECCOMP, FILTER, program);
            Assumptions.assumeTrue(result == 0, "no seccomp filters here");
        }
    }

    private static int call(MethodHandle prctl, int what, long one, long two) {
        try {
            return (int) prctl.invokeExact(what, one, two, 0L, 0L);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static MemorySegment program(Arena arena, List<int[]> ops) {
        MemorySegment code = arena.allocate(ops.size() * 8L, Long.BYTES);
        for (int i = 0; i < ops.size(); i++) {
            int[] op = ops.get(i);
            code.set(ValueLayout.JAVA_SHORT, i * 8L, (short) op[0]);
            code.set(ValueLayout.JAVA_BYTE, i * 8L + 2, (byte) op[1]);
            code.set(ValueLayout.JAVA_BYTE, i * 8L + 3, (byte) op[2]);
            code.set(ValueLayout.JAVA_INT, i * 8L + 4, op[3]);
        }
        MemorySegment program = arena.allocate(16, Long.BYTES);
        program.set(ValueLayout.JAVA_SHORT, 0, (short) ops.size());
        program.set(ValueLayout.JAVA_LONG, 8, code.address());
        return program;
    }
}
