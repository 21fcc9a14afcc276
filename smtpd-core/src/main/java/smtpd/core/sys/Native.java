package smtpd.core.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Optional;

/// The way into the kernel: one handle on libc's `syscall`, and handles on the few libc functions
/// that have no system call of their own.
///
/// Every argument and result is a 64-bit word. That is exact for both supported machines, where
/// integers and pointers travel in 64-bit registers and a narrower callee reads the low half. One
/// shape for all calls means one linked stub, so a child pays for linking once.
///
/// A raw system call acts on the calling thread only: libc's habit of repeating a change of ids on
/// every thread of the process is bypassed, which the sandbox needs.
@SuppressWarnings("restricted")
final class Native {
    /// `MemorySegment` of this layout receives errno right after the call.
    static final StructLayout STATE = Linker.Option.captureStateLayout();

    private static final long ERRNO =
            STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final int SYSCALL_WORDS = 7;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final MethodHandle SYSCALL =
            LINKER.downcallHandle(
                    LIBC.findOrThrow("syscall"),
                    words(SYSCALL_WORDS),
                    Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(1));

    private Native() {}

    /// A handle on a libc function of `count` words: `(long...) -> long`, errno not kept.
    static Optional<MethodHandle> function(String name, int count) {
        return LIBC.find(name).map(symbol -> LINKER.downcallHandle(symbol, words(count)));
    }

    /// A handle on a function of another library, of the same shape.
    static Optional<MethodHandle> function(SymbolLookup library, String name, int count) {
        return library.find(name).map(symbol -> LINKER.downcallHandle(symbol, words(count)));
    }

    /// The functions of a shared library that is loaded now and stays; empty when there is none of
    /// that name.
    static Optional<SymbolLookup> library(String file) {
        try {
            return Optional.of(SymbolLookup.libraryLookup(file, Arena.global()));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static FunctionDescriptor words(int count) {
        MemoryLayout[] arguments = new MemoryLayout[count];
        Arrays.fill(arguments, ValueLayout.JAVA_LONG);
        return FunctionDescriptor.of(ValueLayout.JAVA_LONG, arguments);
    }

    /// Makes a system call without allocating; `-errno` when it fails.
    ///
    /// @param state memory of layout `STATE`, used by one thread at a time
    static long raw(MemorySegment state, int nr, long a, long b, long c, long d, long e, long f) {
        try {
            long result = (long) SYSCALL.invokeExact(state, (long) nr, a, b, c, d, e, f);
            return result == -1 ? -state.get(ValueLayout.JAVA_INT, ERRNO) : result;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long raw(MemorySegment state, int nr, long a, long b, long c) {
        return raw(state, nr, a, b, c, 0, 0, 0);
    }

    /// Makes a system call off the hot path; `-errno` when it fails. Repeats it on `EINTR`.
    static long quiet(int nr, long... args) {
        long[] six = Arrays.copyOf(args, SYSCALL_WORDS - 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long result;
            do {
                result = raw(state, nr, six[0], six[1], six[2], six[3], six[4], six[5]);
            } while (result == -Errno.EINTR && nr != Sys.CLOSE);
            return result;
        }
    }

    /// Makes a system call off the hot path.
    ///
    /// @throws SysException with `what` as its call when the kernel refuses
    static long call(String what, int nr, long... args) throws SysException {
        return check(what, quiet(nr, args));
    }

    static long check(String what, long result) throws SysException {
        if (result < 0) {
            throw new SysException(what, (int) -result);
        }
        return result;
    }

    /// A downcall throws nothing but what is wrong with our own arguments, and errors of the JVM,
    /// which stay what they are.
    static IllegalStateException unexpected(Throwable t) {
        if (t instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("native call", t);
    }
}
