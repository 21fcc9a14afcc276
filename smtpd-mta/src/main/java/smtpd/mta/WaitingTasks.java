package smtpd.mta;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// What waits in a relay: first come, first served, but small messages and large ones take turns.
///
/// So a small message waits for one large one at most, and a large one for one small one.
final class WaitingTasks implements Iterable<Task> {
    private final ArrayDeque<Task> all = new ArrayDeque<>();

    /// How many of them are large.
    private int large;

    /// Whether the last one taken was large.
    private boolean smallNext;

    int size() {
        return all.size();
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /// Whether there is a small one.
    boolean hasSmall() {
        return large < all.size();
    }

    void add(Task task) {
        all.addLast(task);
        large += task.isLarge() ? 1 : 0;
    }

    /// Adds one that was taken out already.
    void putBack(Task task) {
        all.addFirst(task);
        large += task.isLarge() ? 1 : 0;
    }

    /// The one whose turn it is; null if there is none that may go.
    ///
    /// @param largeToo whether a large one may go now
    @Nullable Task next(boolean largeToo) {
        if (large == 0) {
            return all.peek();
        }
        if (!largeToo) {
            return first(false);
        }
        Task next = first(!smallNext);
        return next == null ? all.peek() : next;
    }

    private @Nullable Task first(boolean isLarge) {
        for (Task task : all) {
            if (task.isLarge() == isLarge) {
                return task;
            }
        }
        return null;
    }

    /// Takes one out.
    @SuppressWarnings("ReferenceEquality") // this one, not its like
    void take(Task taken) {
        for (Iterator<Task> each = all.iterator(); each.hasNext(); ) {
            if (each.next() == taken) {
                each.remove();
                large -= taken.isLarge() ? 1 : 0;
                smallNext = taken.isLarge();
                return;
            }
        }
    }

    /// Those that can be part of a task's transaction.
    List<Task> joining(Task first) {
        List<Task> joining = new ArrayList<>();
        for (Task task : all) {
            if (task.joins(first)) {
                joining.add(task);
            }
        }
        return joining;
    }

    List<Task> list() {
        return List.copyOf(all);
    }

    @Override
    public Iterator<Task> iterator() {
        return all.iterator();
    }

    void clear() {
        all.clear();
        large = 0;
    }
}
