package smtpd.queue.store;

import smtpd.core.mail.EvpId;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// Walks over a fixed list of ids; what is gone by then is left out, what cannot be read is told.
final class IdCursor implements RecordCursor {
    private final long[] ids;
    private final Function<EvpId, Stored> reader;
    private final Runnable end;
    private final Consumer<StoreNotice> notices;
    private int next;

    /// Reads `ids` with `reader`; `end` is run once, behind the last or when it is closed.
    IdCursor(
            long[] ids,
            Function<EvpId, Stored> reader,
            Runnable end,
            Consumer<StoreNotice> notices) {
        this.ids = ids;
        this.reader = reader;
        this.end = end;
        this.notices = notices;
    }

    @Override
    public Optional<Stored.Found> next() {
        while (next < ids.length) {
            switch (reader.apply(new EvpId(ids[next++]))) {
                case Stored.Found found -> {
                    return Optional.of(found);
                }
                case Stored.Absent _ -> {}
                case Refused refused -> notices.accept(StoreNotice.warn(refused.text()));
            }
        }
        close();
        return Optional.empty();
    }

    @Override
    public void close() {
        next = ids.length;
        end.run();
    }
}
