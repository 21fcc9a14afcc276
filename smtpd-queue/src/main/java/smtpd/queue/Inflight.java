package smtpd.queue;

import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The envelopes that are with a deliverer: only of these does a result count, and each only once.
final class Inflight {
    private final Map<EvpId, Handed> handed = new LinkedHashMap<>();

    /// An envelope as it was handed out.
    private static final class Handed {
        private Envelope envelope;
        private boolean scheduled = true;

        private Handed(Envelope envelope) {
            this.envelope = envelope;
        }
    }

    /// An envelope that is back.
    ///
    /// @param envelope as it was handed out
    /// @param scheduled whether the scheduler still knows it; a fresh one does not
    record Back(Envelope envelope, boolean scheduled) {}

    void add(Envelope envelope) {
        handed.put(envelope.id(), new Handed(envelope));
    }

    boolean contains(EvpId id) {
        return handed.containsKey(id);
    }

    /// Takes an envelope back from the deliverer of a type; empty if it was not with it.
    Optional<Back> takeBack(EvpId id, DeliveryType from) {
        Handed it = handed.get(id);
        if (it == null || it.envelope.type() != from) {
            return Optional.empty();
        }
        handed.remove(id);
        return Optional.of(new Back(it.envelope, it.scheduled));
    }

    /// Takes back everything that a deliverer had.
    List<Back> takeAllBack(DeliveryType from) {
        List<Back> all = new ArrayList<>();
        Iterator<Handed> it = handed.values().iterator();
        while (it.hasNext()) {
            Handed one = it.next();
            if (one.envelope.type() == from) {
                it.remove();
                all.add(new Back(one.envelope, one.scheduled));
            }
        }
        return all;
    }

    /// The operator changed the state of an envelope while it is away.
    void changed(Envelope envelope) {
        Handed it = handed.get(envelope.id());
        if (it != null) {
            it.envelope = envelope;
        }
    }

    /// The scheduler was replaced by one that knows nothing of these.
    void schedulerLost() {
        handed.values().forEach(it -> it.scheduled = false);
    }
}
