package smtpd.core.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/// A call of `posix_spawn` with all its memory laid out, so that making it needs nothing but the
/// call itself.
final class PreparedSpawn implements AutoCloseable {
    /// Duplicates of the descriptors to pass are numbered from here, so that putting one in its
    /// place never overwrites another that waits for its turn.
    private static final int FIRST_DUPLICATE = 200;

    private static final short SETSIGDEF = 0x04;
    private static final short SETSIGMASK = 0x08;
    private static final short SETSID = 0x80;

    /// All 64 signals, also 32 and 33, which glibc would leave ignored in the child otherwise.
    private static final long ALL_SIGNALS = -1;

    private static final int SIGSET_BYTES = 128;

    /// Room for `posix_spawn_file_actions_t` (80 bytes in glibc) and `posix_spawnattr_t` (336).
    private static final int OPAQUE_BYTES = 512;

    private static final int CLOSE_RANGE_CLOEXEC = 4;
    private static final int LAST_FD = Integer.MAX_VALUE;

    private static final MethodHandle POSIX_SPAWN = required("posix_spawn", 6);
    private static final MethodHandle ACTIONS_INIT = required("posix_spawn_file_actions_init", 1);
    private static final MethodHandle ACTIONS_DESTROY =
            required("posix_spawn_file_actions_destroy", 1);
    private static final MethodHandle ACTIONS_DUP2 =
            required("posix_spawn_file_actions_adddup2", 3);
    private static final MethodHandle ATTR_INIT = required("posix_spawnattr_init", 1);
    private static final MethodHandle ATTR_DESTROY = required("posix_spawnattr_destroy", 1);
    private static final MethodHandle ATTR_FLAGS = required("posix_spawnattr_setflags", 2);
    private static final MethodHandle ATTR_MASK = required("posix_spawnattr_setsigmask", 2);
    private static final MethodHandle ATTR_DEFAULT = required("posix_spawnattr_setsigdefault", 2);

    private final Arena arena;
    private final MemorySegment actions;
    private final MemorySegment attributes;
    private final MemorySegment pid;
    private final List<Integer> duplicates = new ArrayList<>();
    private final String path;
    private MemorySegment program = MemorySegment.NULL;
    private MemorySegment argv = MemorySegment.NULL;
    private MemorySegment env = MemorySegment.NULL;

    private PreparedSpawn(Arena arena, String path) {
        this.arena = arena;
        this.path = path;
        actions = arena.allocate(OPAQUE_BYTES, Long.BYTES);
        attributes = arena.allocate(OPAQUE_BYTES, Long.BYTES);
        pid = arena.allocate(ValueLayout.JAVA_INT);
    }

    static PreparedSpawn of(Arena arena, Spawn.Request request) throws SysException {
        PreparedSpawn spawn = new PreparedSpawn(arena, request.path());
        spawn.must(ACTIONS_INIT, spawn.actions.address());
        spawn.must(ATTR_INIT, spawn.attributes.address());
        boolean done = false;
        try {
            spawn.layDescriptors(request.fds());
            spawn.layAttributes();
            if (request.directory() != null) {
                spawn.must(
                        required("posix_spawn_file_actions_addchdir_np", 2),
                        spawn.actions.address(),
                        arena.allocateFrom(request.directory()).address());
            }
            spawn.program = arena.allocateFrom(request.path());
            spawn.argv = spawn.strings(request.argv());
            spawn.env = spawn.strings(request.env());
            done = true;
            return spawn;
        } finally {
            if (!done) {
                spawn.close();
            }
        }
    }

    private void layDescriptors(List<Integer> fds) throws SysException {
        for (int fd : fds) {
            duplicates.add(Descriptors.duplicate(fd, FIRST_DUPLICATE));
        }
        for (int i = 0; i < duplicates.size(); i++) {
            must(ACTIONS_DUP2, actions.address(), duplicates.get(i), i);
        }
        var closeFrom = Native.function("posix_spawn_file_actions_addclosefrom_np", 2);
        if (closeFrom.isPresent()) {
            must(closeFrom.get(), actions.address(), fds.size());
        } else {
            Native.call("close_range", Sys.CLOSE_RANGE, fds.size(), LAST_FD, CLOSE_RANGE_CLOEXEC);
        }
    }

    private void layAttributes() throws SysException {
        MemorySegment none = arena.allocate(SIGSET_BYTES, Long.BYTES);
        MemorySegment all = arena.allocate(SIGSET_BYTES, Long.BYTES);
        all.set(ValueLayout.JAVA_LONG, 0, ALL_SIGNALS);
        must(ATTR_MASK, attributes.address(), none.address());
        must(ATTR_DEFAULT, attributes.address(), all.address());
        must(ATTR_FLAGS, attributes.address(), SETSIGDEF | SETSIGMASK | SETSID);
    }

    private MemorySegment strings(List<String> list) {
        MemorySegment array = arena.allocate(ValueLayout.JAVA_LONG, list.size() + 1L);
        for (int i = 0; i < list.size(); i++) {
            array.setAtIndex(ValueLayout.JAVA_LONG, i, arena.allocateFrom(list.get(i)).address());
        }
        return array;
    }

    String path() {
        return path;
    }

    /// Makes the call; the process id, or `-errno`.
    long start() {
        try {
            int error =
                    (int)
                            (long)
                                    POSIX_SPAWN.invokeExact(
                                            pid.address(),
                                            program.address(),
                                            actions.address(),
                                            attributes.address(),
                                            argv.address(),
                                            env.address());
            return error == 0 ? pid.get(ValueLayout.JAVA_INT, 0) : -error;
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    @Override
    public void close() throws SysException {
        duplicates.forEach(Descriptors::close);
        duplicates.clear();
        must(ACTIONS_DESTROY, actions.address());
        must(ATTR_DESTROY, attributes.address());
    }

    private static MethodHandle required(String name, int words) {
        return Native.function(name, words)
                .orElseThrow(() -> new UnsupportedOperationException("libc has no " + name));
    }

    /// Calls a function that answers 0 or an error number.
    private void must(MethodHandle function, long... words) throws SysException {
        int error;
        try {
            error =
                    (int)
                            switch (words.length) {
                                case 1 -> (long) function.invokeExact(words[0]);
                                case 2 -> (long) function.invokeExact(words[0], words[1]);
                                default ->
                                        (long) function.invokeExact(words[0], words[1], words[2]);
                            };
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        Native.check("posix_spawn", -error);
    }
}
