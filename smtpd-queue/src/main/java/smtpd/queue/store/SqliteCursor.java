package smtpd.queue.store;

import smtpd.core.mail.EvpId;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;

/// Walks over the envelopes of a database page by page, ascending.
final class SqliteCursor implements RecordCursor {
    /// Gives the envelopes behind one, or from one on.
    interface Pages {
        SqliteQueue.Page page(Optional<EvpId> after, boolean inclusive, boolean held);
    }

    private final Pages pages;
    private final boolean held;
    private final Consumer<StoreNotice> notices;
    private final Deque<Stored> ready = new ArrayDeque<>();
    private Optional<EvpId> last;
    private boolean begun;
    private boolean ended;

    SqliteCursor(Pages pages, Optional<EvpId> from, boolean held, Consumer<StoreNotice> notices) {
        this.pages = pages;
        this.last = from;
        this.held = held;
        this.notices = notices;
    }

    @Override
    public Optional<Stored.Found> next() {
        while (true) {
            if (ready.isEmpty() && !fill()) {
                return Optional.empty();
            }
            switch (ready.remove()) {
                case Stored.Found found -> {
                    return Optional.of(found);
                }
                case Stored.Absent _ -> {}
                case Refused refused -> notices.accept(StoreNotice.warn(refused.text()));
            }
        }
    }

    private boolean fill() {
        if (ended) {
            return false;
        }
        SqliteQueue.Page page = pages.page(last, !begun, held);
        begun = true;
        ready.addAll(page.envelopes());
        last = page.last();
        ended = last.isEmpty();
        return !ended;
    }

    @Override
    public void close() {
        ended = true;
        ready.clear();
    }
}
