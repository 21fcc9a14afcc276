package smtpd.queue.store;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;

import java.util.Optional;
import java.util.function.Consumer;

/// Walks over a fixed list of ids; what is gone by then is left out, what cannot be read is told.
final class SegmentCursor implements EnvelopeCursor {
    private final long[] ids;
    private final EnvelopeReader reader;
    private final Consumer<String> unreadable;
    private int next;

    SegmentCursor(long[] ids, EnvelopeReader reader, Consumer<String> unreadable) {
        this.ids = ids;
        this.reader = reader;
        this.unreadable = unreadable;
    }

    @Override
    public Optional<Envelope> next() {
        while (next < ids.length) {
            switch (reader.read(new EvpId(ids[next++]))) {
                case Loaded.Found(Envelope envelope) -> {
                    return Optional.of(envelope);
                }
                case Loaded.Absent _ -> {}
                case Refused refused -> unreadable.accept(refused.text());
            }
        }
        close();
        return Optional.empty();
    }

    @Override
    public void close() {
        next = ids.length;
        reader.close();
    }
}
