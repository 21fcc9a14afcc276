package smtpd.core.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// The system calls by which a throw-away thread takes rights away from itself, in order.
final class DropPlan {
    private static final long CLONE_FS = 0x200;
    private static final long PRIVATE_FILES = 077;

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
