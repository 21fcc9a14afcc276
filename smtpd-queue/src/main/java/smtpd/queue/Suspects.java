package smtpd.queue;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Envelopes that were with one deliverer when it died. One that was there more than once is handed
/// out only while no other suspect is, so that the next death tells the poison from those who
/// merely stood near it.
///
/// In memory only: after a restart everybody is innocent again.
final class Suspects {
    /// Deaths with an envelope after which it is handed out alone among suspects.
    static final int DEATHS_SUSPECT = 2;

    /// Deaths with an envelope after which it is held, when it was alone at the last.
    static final int DEATHS_MAX = 3;

    /// Envelopes remembered: what can be in flight at a few deaths.
    private static final int REMEMBERED_MAX = 50_000;

    private final Map<EvpId, Integer> deaths = new LinkedHashMap<>();
    private final Deque<List<Envelope>> line = new ArrayDeque<>();
    private final Set<EvpId> out = new LinkedHashSet<>();

    /// The deliverer died with an envelope; true if it is to be held.
    boolean died(EvpId id) {
        int count = deaths.merge(id, 1, Integer::sum);
        if (deaths.size() > REMEMBERED_MAX) {
            deaths.remove(deaths.keySet().iterator().next());
        }
        boolean alone = out.remove(id);
        return alone && count >= DEATHS_MAX;
    }

    /// The deliverer is dead: whoever stood in line goes back with the rest.
    void disperse() {
        line.clear();
        out.clear();
    }

    /// An envelope came back from its deliverer alive: it is innocent.
    void survived(EvpId id) {
        deaths.remove(id);
        out.remove(id);
    }

    /// Whether a batch may be handed out now; if not it stands in line.
    boolean mayGo(List<Envelope> batch) {
        if (batch.stream().noneMatch(it -> isSuspect(it.id()))) {
            return true;
        }
        if (!out.isEmpty()) {
            line.add(batch);
            return false;
        }
        batch.forEach(it -> out.add(it.id()));
        return true;
    }

    private boolean isSuspect(EvpId id) {
        return deaths.getOrDefault(id, 0) >= DEATHS_SUSPECT;
    }

    /// The batch that may go now that the one before is back, if there is one.
    Optional<List<Envelope>> next() {
        if (!out.isEmpty() || line.isEmpty()) {
            return Optional.empty();
        }
        List<Envelope> batch = line.remove();
        batch.forEach(it -> out.add(it.id()));
        return Optional.of(batch);
    }
}
