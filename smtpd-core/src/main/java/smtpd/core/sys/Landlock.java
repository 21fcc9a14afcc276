package smtpd.core.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// File and network access rules that a thread takes on for good, with all it starts
/// (`landlock(7)`).
///
/// A kernel that knows less gets what it knows: file rules from ABI 1 (Linux 5.13), truncation 3
/// (6.2), TCP ports 4 (6.7), device ioctl 5 (6.10), signals and abstract sockets 6 (6.12). It
/// covers neither UDP nor sockets with a path: the system call filters and directory modes do.
public final class Landlock {
    static final long EXECUTE = 1L;
    static final long WRITE_FILE = 1L << 1;
    static final long READ_FILE = 1L << 2;
    static final long READ_DIR = 1L << 3;
    static final long REMOVE_DIR = 1L << 4;
    static final long REMOVE_FILE = 1L << 5;
    static final long MAKE_DIR = 1L << 7;
    static final long MAKE_REG = 1L << 8;
    static final long MAKE_SOCK = 1L << 9;
    static final long MAKE_FIFO = 1L << 10;
    static final long REFER = 1L << 13;
    static final long TRUNCATE = 1L << 14;

    /// The rights that mean something for a file that is not a directory; others are an error.
    private static final long FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | 1L << 15;

    private static final long BIND_TCP = 1;
    private static final long CONNECT_TCP = 2;
    private static final long ABSTRACT_UNIX_AND_SIGNALS = 3;

    private static final int ABI_NET = 4;
    private static final int ABI_SCOPES = 6;

    private static final long VERSION = 1;
    private static final long RULE_PATH_BENEATH = 1;
    private static final long RULE_NET_PORT = 2;
    private static final int AT_FDCWD = -100;
    private static final int O_PATH_CLOEXEC = 0x200000 | 0x80000;

    private Landlock() {}

    /// The version of the kernel's interface; 0 when it has none or it is switched off.
    public static int abi() {
        return (int) Math.max(0, Native.quiet(Sys.LANDLOCK_CREATE_RULESET, 0, 0, VERSION));
    }

    /// The file rights a kernel of this version can refuse.
    static long handledFiles(int abi) {
        int count =
                switch (abi) {
                    case 0 -> 0;
                    case 1 -> 13;
                    case 2 -> 14;
                    case 3, 4 -> 15;
                    default -> 16;
                };
        return (1L << count) - 1;
    }

    /// Rules ready to be taken on: an open descriptor of the kernel's rule set.
    static final class Ruleset implements AutoCloseable {
        final int fd;
        private final List<Path> absent = new ArrayList<>();

        private Ruleset(int fd) {
            this.fd = fd;
        }

        /// The paths of rules that do not exist.
        List<Path> absent() {
            return List.copyOf(absent);
        }

        @Override
        public void close() {
            Descriptors.close(fd);
        }
    }

    /// Makes the rule set of a sandbox; empty where the kernel has no Landlock.
    ///
    /// @param abi what `abi` answered
    static Optional<Ruleset> rules(Sandbox sandbox, int abi) throws SysException {
        if (abi <= 0) {
            return Optional.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            Ruleset rules = create(arena, abi);
            boolean done = false;
            try {
                for (FileRule rule : sandbox.files()) {
                    addPath(arena, rules, rule, abi);
                }
                if (abi >= ABI_NET) {
                    addPorts(arena, rules, sandbox.connectPorts(), CONNECT_TCP);
                    addPorts(arena, rules, sandbox.bindPorts(), BIND_TCP);
                }
                done = true;
                return Optional.of(rules);
            } finally {
                if (!done) {
                    rules.close();
                }
            }
        }
    }

    private static Ruleset create(Arena arena, int abi) throws SysException {
        int size = abi >= ABI_SCOPES ? 24 : abi >= ABI_NET ? 16 : 8;
        MemorySegment attr = arena.allocate(24, Long.BYTES);
        attr.setAtIndex(ValueLayout.JAVA_LONG, 0, handledFiles(abi));
        attr.setAtIndex(ValueLayout.JAVA_LONG, 1, BIND_TCP | CONNECT_TCP);
        attr.setAtIndex(ValueLayout.JAVA_LONG, 2, ABSTRACT_UNIX_AND_SIGNALS);
        return new Ruleset(
                (int)
                        Native.call(
                                "landlock_create_ruleset",
                                Sys.LANDLOCK_CREATE_RULESET,
                                attr.address(),
                                size));
    }

    private static void addPath(Arena arena, Ruleset rules, FileRule rule, int abi)
            throws SysException {
        MemorySegment path = arena.allocateFrom(rule.path().toString());
        long file = Native.quiet(Sys.OPENAT, AT_FDCWD, path.address(), O_PATH_CLOEXEC);
        if (file == -Errno.ENOENT || file == -Errno.ENOTDIR) {
            rules.absent.add(rule.path());
            return;
        }
        Native.check("open " + rule.path(), file);
        try {
            boolean directory = Files.isDirectory(rule.path());
            long rights = rule.access().bits & handledFiles(abi);
            MemorySegment attr = arena.allocate(12, Long.BYTES);
            attr.set(ValueLayout.JAVA_LONG, 0, directory ? rights : rights & FILE_RIGHTS);
            attr.set(ValueLayout.JAVA_INT, 8, (int) file);
            add("landlock_add_rule " + rule.path(), rules, RULE_PATH_BENEATH, attr);
        } finally {
            Descriptors.close((int) file);
        }
    }

    private static void addPorts(Arena arena, Ruleset rules, Set<Integer> ports, long right)
            throws SysException {
        for (int port : ports) {
            MemorySegment attr = arena.allocate(16, Long.BYTES);
            attr.setAtIndex(ValueLayout.JAVA_LONG, 0, right);
            attr.setAtIndex(ValueLayout.JAVA_LONG, 1, port);
            add("landlock_add_rule port " + port, rules, RULE_NET_PORT, attr);
        }
    }

    private static void add(String what, Ruleset rules, long type, MemorySegment attr)
            throws SysException {
        Native.call(what, Sys.LANDLOCK_ADD_RULE, rules.fd, type, attr.address(), 0);
    }
}
