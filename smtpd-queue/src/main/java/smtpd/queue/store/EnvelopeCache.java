package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;

import java.util.Iterator;
import java.util.LinkedHashMap;

/// The envelopes committed or read last: most are asked for within moments of being accepted.
///
/// Called with this object's monitor held.
final class EnvelopeCache {
    /// Some 2 MB of memory. OpenSMTPD: 1,024.
    private static final int SIZE = 2048;

    private final LinkedHashMap<EvpId, Envelope> envelopes = new LinkedHashMap<>(16, 0.75f, true);

    @Nullable Envelope get(EvpId id) {
        return envelopes.get(id);
    }

    void put(Envelope envelope) {
        envelopes.put(envelope.id(), envelope);
        if (envelopes.size() > SIZE) {
            Iterator<EvpId> oldest = envelopes.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    void apply(StoreTx tx) {
        tx.add().forEach(this::put);
        for (StoreTx.StateUpdate update : tx.update()) {
            envelopes.computeIfPresent(update.id(), (_, e) -> e.with(update.state()));
        }
        tx.remove().forEach(envelopes::remove);
    }
}
