package smtpd.queue.store;

import smtpd.core.mail.MsgId;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;

/// Walks over the messages of a database page by page, ascending.
final class SqliteMessages implements Iterator<MsgId> {
    private final Function<Optional<MsgId>, List<MsgId>> pages;
    private final Deque<MsgId> ready = new ArrayDeque<>();
    private Optional<MsgId> last = Optional.empty();
    private boolean ended;

    /// `pages` gives those behind one; none at the end.
    SqliteMessages(Function<Optional<MsgId>, List<MsgId>> pages) {
        this.pages = pages;
    }

    @Override
    public boolean hasNext() {
        if (ready.isEmpty() && !ended) {
            List<MsgId> page = pages.apply(last);
            ready.addAll(page);
            ended = page.isEmpty();
            last = ended ? last : Optional.of(page.getLast());
        }
        return !ready.isEmpty();
    }

    @Override
    public MsgId next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.remove();
    }
}
