package smtpd.filter.run;

import org.jspecify.annotations.Nullable;

import smtpd.filter.HeldLines;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// What is to be done for one session, one after the other, on a virtual thread that is there only
/// while there is something to do.
///
/// Adding never blocks: behind one slow session wait the answers of DNS that another waits for.
/// Lines of content that cannot be worked on yet are therefore kept, in a file when they are many.
final class Lane implements Executor {
    private final Busy busy;
    private final Consumer<Throwable> faults;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Item> inbox = new ArrayDeque<>();
    private boolean running;

    /// Something to do.
    private sealed interface Item {}

    private record Task(Runnable task) implements Item {}

    /// Lines of content that came one behind the other.
    private static final class Content implements Item {
        private final ContentTaker taker;
        private final HeldLines lines = new HeldLines();
        private @Nullable IOException lost;

        private Content(ContentTaker taker) {
            this.taker = taker;
        }
    }

    /// Works on lines of content.
    interface ContentTaker {
        /// A line as it came.
        void line(String line);

        /// Lines could not be kept.
        void lost(IOException why);

        /// Whether the other works on the same message.
        boolean isSame(ContentTaker other);
    }

    /// @param faults told what a task throws
    Lane(Busy busy, Consumer<Throwable> faults) {
        this.busy = busy;
        this.faults = faults;
    }

    @Override
    public void execute(Runnable task) {
        lock.lock();
        try {
            inbox.add(new Task(task));
            run();
        } finally {
            lock.unlock();
        }
    }

    /// Adds a line of content.
    void content(ContentTaker taker, String line) {
        lock.lock();
        try {
            Content content;
            if (inbox.peekLast() instanceof Content last && last.taker.isSame(taker)) {
                content = last;
            } else {
                content = new Content(taker);
                inbox.add(content);
            }
            keep(content, line);
            run();
        } finally {
            lock.unlock();
        }
    }

    private static void keep(Content content, String line) {
        try {
            if (content.lost == null) {
                content.lines.add(line);
            }
        } catch (IOException e) {
            content.lost = e;
        }
    }

    private void run() {
        if (!running) {
            running = true;
            busy.begin();
            Thread.startVirtualThread(this::drain);
        }
    }

    private void drain() {
        Runnable task = next();
        while (task != null) {
            try {
                task.run();
            } catch (Throwable e) {
                faults.accept(e);
            }
            task = next();
        }
        busy.end();
    }

    private @Nullable Runnable next() {
        lock.lock();
        try {
            Item item = inbox.peek();
            while (item instanceof Content content) {
                Runnable line = nextLine(content);
                if (line != null) {
                    return line;
                }
                inbox.remove();
                item = inbox.peek();
            }
            if (item instanceof Task(Runnable task)) {
                inbox.remove();
                return task;
            }
            running = false;
            return null;
        } finally {
            lock.unlock();
        }
    }

    private static @Nullable Runnable nextLine(Content content) {
        IOException lost = content.lost;
        try {
            String line = content.lines.next();
            if (line != null) {
                return () -> content.taker.line(line);
            }
            content.lines.close();
        } catch (IOException e) {
            lost = e;
            forget(content);
        }
        if (lost == null) {
            return null;
        }
        IOException why = lost;
        content.lost = null;
        return () -> content.taker.lost(why);
    }

    /// So that nothing more comes out of it.
    private static void forget(Content content) {
        try {
            content.lines.close();
        } catch (IOException _) {
            // what is lost is told already
        }
    }
}
