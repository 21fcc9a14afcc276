package smtpd.core.sys;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The system calls by which a throw-away thread takes rights away from itself, in order.
final class DropPlan {
    private static final long CLONE_FS = 0x200;
    private static final long PRIVATE_FILES = 077;

    private static final int PR_CAPBSET_DROP = 24;
    private static final int PR_SET_SECUREBITS = 28;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_CAP_AMBIENT = 47;
    private static final int PR_CAP_AMBIENT_RAISE = 2;

    /// User 0 gets no capabilities by being user 0; locked.
    private static final long NOROOT = 1 | 1 << 1;

    /// A change of user changes no capabilities, so that one who may change users can come back
    /// from user 0 as well; locked.
    private static final long NO_SETUID_FIXUP = 1 << 2 | 1 << 3;

    private static final int CAPABILITY_VERSION_3 = 0x20080522;

    /// One call: what it is called in a log line, its number and words, and the errno it may end
    /// with.
    record Step(String name, int nr, List<Long> words, int tolerated) {}

    /// Tolerates nothing: every errno is positive.
    private static final int NOTHING = 0;

    private final Arena arena;
    private final List<Step> steps = new ArrayList<>();

    private DropPlan(Arena arena) {
        this.arena = arena;
    }

    /// Takes nothing away; one harmless call keeps the path the same for all.
    static DropPlan none(Arena arena) {
        return new DropPlan(arena).add("getpid", Sys.GETPID);
    }

    /// Becomes a user for good.
    static DropPlan user(Arena arena, Identity user) {
        return new DropPlan(arena).ownFiles().ids(user);
    }

    /// Becomes a user for good, with a directory as the root of its files.
    static DropPlan jailed(Arena arena, Identity user, String root) {
        DropPlan plan = new DropPlan(arena).ownFiles();
        return plan.add("chroot", Sys.CHROOT, arena.allocateFrom(root).address())
                .add("chdir", Sys.CHDIR, arena.allocateFrom("/").address())
                .ids(user);
    }

    /// Takes everything away that the sandbox does not give. The order matters: what needs rights
    /// comes before the rights go, and the filter, which refuses some of these calls, is the last.
    ///
    /// @param user the ids to take on; null to stay who we are, as without root one must
    static DropPlan sandbox(
            Arena arena,
            @Nullable Identity user,
            Sandbox sandbox,
            Optional<Landlock.Ruleset> rules,
            boolean seccomp) {
        DropPlan plan = new DropPlan(arena).ownFiles();
        long keep = sandbox.capabilities().stream().mapToLong(Capability::bit).sum();
        if (user != null) {
            long fixup = keep == 0 ? 0 : NO_SETUID_FIXUP;
            plan.prctl("SECUREBITS", PR_SET_SECUREBITS, NOROOT | fixup);
        }
        plan.prctl("NO_NEW_PRIVS", PR_SET_NO_NEW_PRIVS, 1);
        if (user != null) {
            for (int number = 0; number <= Capability.LAST; number++) {
                if ((keep & 1L << number) == 0) {
                    // numbers above the last one the kernel knows are invalid
                    plan.add(Errno.EINVAL, "capbset", Sys.PRCTL, PR_CAPBSET_DROP, number);
                }
            }
            plan.ids(user).capabilities(sandbox.capabilities(), keep);
        }
        rules.ifPresent(r -> plan.add("landlock", Sys.LANDLOCK_RESTRICT_SELF, r.fd, 0));
        if (seccomp) {
            var filter = Seccomp.beforeExec(Sys.X86_64, sandbox.permissions());
            long program = Seccomp.program(arena, filter).address();
            plan.add("seccomp", Sys.SECCOMP, Seccomp.SET_MODE_FILTER, 0, program);
        }
        return plan;
    }

    private void prctl(String name, int option, long value) {
        add("prctl " + name, Sys.PRCTL, option, value);
    }

    /// Keeps exactly these, also across the start of a program.
    private void capabilities(Set<Capability> kept, long keep) {
        MemorySegment header = arena.allocate(ValueLayout.JAVA_INT, 2);
        header.set(ValueLayout.JAVA_INT, 0, CAPABILITY_VERSION_3);
        MemorySegment sets = arena.allocate(ValueLayout.JAVA_INT, 6);
        for (int set = 0; set < 3; set++) {
            // effective, permitted, inheritable; our capabilities are all in the low word
            sets.setAtIndex(ValueLayout.JAVA_INT, set, (int) keep);
        }
        add("capset", Sys.CAPSET, header.address(), sets.address());
        kept.stream()
                .sorted()
                .forEach(c ->
                        add(
                                "prctl CAP_AMBIENT",
                                Sys.PRCTL,
                                PR_CAP_AMBIENT,
                                PR_CAP_AMBIENT_RAISE,
                                c.number));
    }

    int size() {
        return steps.size();
    }

    String name(int index) {
        return steps.get(index).name();
    }

    List<Step> steps() {
        return List.copyOf(steps);
    }

    /// Makes call number `index` on this thread; negative when it failed.
    long take(int index, MemorySegment state) {
        Step step = steps.get(index);
        List<Long> w = step.words();
        long result =
                Native.raw(state, step.nr(), w.get(0), w.get(1), w.get(2), w.get(3), w.get(4), 0);
        return result == -step.tolerated() ? 0 : result;
    }

    /// A working directory and file mode mask of our own, not shared with the other threads.
    private DropPlan ownFiles() {
        return add("unshare", Sys.UNSHARE, CLONE_FS).add("umask", Sys.UMASK, PRIVATE_FILES);
    }

    private DropPlan ids(Identity user) {
        MemorySegment groups =
                arena.allocate(ValueLayout.JAVA_INT, Math.max(1, user.groups().size()));
        for (int i = 0; i < user.groups().size(); i++) {
            groups.setAtIndex(ValueLayout.JAVA_INT, i, user.groups().get(i));
        }
        return add("setgroups", Sys.SETGROUPS, user.groups().size(), groups.address())
                .add("setresgid", Sys.SETRESGID, user.gid(), user.gid(), user.gid())
                .add("setresuid", Sys.SETRESUID, user.uid(), user.uid(), user.uid());
    }

    private DropPlan add(String name, int nr, long... words) {
        return add(NOTHING, name, nr, words);
    }

    private DropPlan add(int tolerated, String name, int nr, long... words) {
        List<Long> five = new ArrayList<>(List.of(0L, 0L, 0L, 0L, 0L));
        for (int i = 0; i < words.length; i++) {
            five.set(i, words[i]);
        }
        steps.add(new Step(name, nr, List.copyOf(five), tolerated));
        return this;
    }
}
