package smtpd.queue;

import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/// The envelopes that are in hand: with a deliverer, in a report being written, or with their end
/// on its way to the disk.
///
/// Nobody else may do anything with them meanwhile: a fresh scheduler is not told of them until
/// they are back, or it would hand them out a second time.
///
/// State · with somebody → settled (a result counts, and no other) → back.
final class Inflight {
    private final Map<EvpId, Handed> handed = new LinkedHashMap<>();
    private final NavigableSet<EvpId> backLately = new TreeSet<>();
    private boolean remembering;

    /// An envelope as it was handed out, or as it will be once that is durable.
    private static final class Handed {
        private Envelope envelope;
        private boolean scheduled = true;
        private boolean settled;

        private Handed(Envelope envelope) {
            this.envelope = envelope;
        }
    }

    void add(Envelope envelope) {
        handed.put(envelope.id(), new Handed(envelope));
    }

    boolean contains(EvpId id) {
        return handed.containsKey(id);
    }

    /// Whether an envelope that the scheduler hands out is in hand already, since before the
    /// scheduler was started anew: from now on it is told of its end like of any other's.
    boolean isHandedOutAgain(EvpId id) {
        Handed it = handed.get(id);
        if (it == null) {
            return false;
        }
        it.scheduled = true;
        return true;
    }

    /// The envelope as it stands here; empty if it is not in hand.
    Optional<Envelope> find(EvpId id) {
        return Optional.ofNullable(handed.get(id)).map(it -> it.envelope);
    }

    /// A result of the deliverer of a type counts, and settles the envelope; empty if it was not
    /// with it.
    Optional<Envelope> settle(EvpId id, DeliveryType from) {
        Handed it = handed.get(id);
        if (it == null || it.settled || it.envelope.type() != from) {
            return Optional.empty();
        }
        it.settled = true;
        return Optional.of(it.envelope);
    }

    /// What a deliverer of a type still had, settled now.
    List<Envelope> settleAll(DeliveryType from) {
        List<Envelope> all = new ArrayList<>();
        for (Handed it : handed.values()) {
            if (!it.settled && it.envelope.type() == from) {
                it.settled = true;
                all.add(it.envelope);
            }
        }
        return all;
    }

    /// An envelope is in nobody's hands any more.
    ///
    /// @return whether the scheduler knows it; a fresh one does not
    boolean back(EvpId id) {
        Handed it = handed.remove(id);
        if (remembering) {
            backLately.add(id);
        }
        return it == null || it.scheduled;
    }

    /// Its state is another now, by the operator's wish or as its result says.
    void changed(Envelope envelope) {
        Handed it = handed.get(envelope.id());
        if (it != null) {
            it.envelope = envelope;
        }
    }

    /// The scheduler was replaced by one that knows nothing of these; it is about to be told of all
    /// others.
    void schedulerLost() {
        handed.values().forEach(it -> it.scheduled = false);
        backLately.clear();
        remembering = true;
    }

    /// The scheduler has been told, in the order of ids, of all others up to this one.
    void schedulerLoaded(EvpId upTo) {
        backLately.headSet(upTo, true).clear();
    }

    /// The scheduler has been told of all others.
    void schedulerLoaded() {
        backLately.clear();
        remembering = false;
    }

    /// Whether the scheduler is not to be told of an envelope as it was found in the store: it is
    /// in hand, or was, and what became of it has been told already.
    boolean isToldOtherwise(EvpId id) {
        return handed.containsKey(id) || backLately.contains(id);
    }
}
