package smtpd.queue.store;

import smtpd.core.mail.EvpId;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// Walks over the envelopes of a database page by page, ascending.
final class SqliteCursor implements RecordCursor {
    /// Gives the ids behind one, or from one on.
    interface Pages {
        List<EvpId> page(Optional<EvpId> after, boolean inclusive, boolean held);
    }

    private final Pages pages;
    private final boolean held;
    private final Function<EvpId, Stored> reader;
    private final Consumer<StoreNotice> notices;
    private final Deque<EvpId> ready = new ArrayDeque<>();
    private Optional<EvpId> last;
    private boolean begun;
    private boolean ended;

    SqliteCursor(
            Pages pages,
            Optional<EvpId> from,
            boolean held,
            Function<EvpId, Stored> reader,
            Consumer<StoreNotice> notices) {
        this.pages = pages;
        this.last = from;
        this.held = held;
        this.reader = reader;
        this.notices = notices;
    }

    @Override
    public Optional<Stored.Found> next() {
        while (true) {
            if (ready.isEmpty() && !fill()) {
                return Optional.empty();
            }
            switch (reader.apply(ready.remove())) {
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
        List<EvpId> page = pages.page(last, !begun, held);
        begun = true;
        ready.addAll(page);
        ended = page.isEmpty();
        if (!ended) {
            last = Optional.of(page.getLast());
        }
        return !ended;
    }

    @Override
    public void close() {
        ended = true;
        ready.clear();
    }
}
