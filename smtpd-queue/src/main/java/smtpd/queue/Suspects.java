package smtpd.queue;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Envelopes that were with one deliverer when it died, and one of which it may have died of.
///
/// One that was there more than once is a suspect. Suspects go out few at a time: half as many as
/// were there at a death go together with those that were there, until the poison is alone and the
/// next death tells it from those who merely stood near it. So it takes the logarithm of
/// [#GROUP_MAX] in deaths to find it, and those who did not stand near it wait for each other in
/// large groups only.
///
/// State · free → suspect, in groups of 64, 32 … 1 → held; free again with any result.
///
/// In memory only: after a restart everybody is innocent again.
///
/// Limits: [#REMEMBERED_MAX] envelopes.
final class Suspects {
    /// Deaths with an envelope after which it is a suspect.
    static final int DEATHS_SUSPECT = 2;

    /// Deaths with an envelope after which it is held, when it was alone at the last.
    static final int DEATHS_MAX = 3;

    /// Most batches of suspects that are out together: as many keep a deliverer busy, and six
    /// deaths tell one of them from the rest.
    static final int GROUP_MAX = 64;

    /// Envelopes remembered: what can be in flight at a few deaths.
    private static final int REMEMBERED_MAX = 50_000;

    /// What speaks against an envelope.
    ///
    /// @param deaths how often its deliverer died with it
    /// @param group how many batches of suspects may be out together with it
    private record Doubt(int deaths, int group) {}

    private static final Doubt NONE = new Doubt(0, GROUP_MAX);

    private final Map<EvpId, Doubt> doubts = new LinkedHashMap<>();
    private final Deque<List<Envelope>> line = new ArrayDeque<>();

    /// The suspects that are out, each with its batch.
    private final Map<EvpId, Batch> out = new LinkedHashMap<>();

    private final Set<Batch> batches = Collections.newSetFromMap(new IdentityHashMap<>());

    /// A batch of suspects that is out: how many of it are not back, and how many batches may be
    /// out together with it.
    private static final class Batch {
        private final int group;
        private int left;

        Batch(int group, int left) {
            this.group = group;
            this.left = left;
        }
    }

    /// What a death says of those who were in hand.
    ///
    /// @param poison whoever is to be held
    /// @param waiting whoever stood in line and was not with the deliverer
    record Findings(Set<EvpId> poison, Set<EvpId> waiting) {}

    /// The deliverer died while these were in hand; nobody is out or in line any more.
    Findings died(List<Envelope> inHand) {
        Set<EvpId> waiting = new LinkedHashSet<>();
        line.forEach(batch -> batch.forEach(it -> waiting.add(it.id())));
        Set<EvpId> poison = new LinkedHashSet<>();
        List<Envelope> there = inHand.stream().filter(it -> !waiting.contains(it.id())).toList();
        boolean alone = batches.size() == 1;
        int half = batches.size() / 2;
        int halfOfAll = (int) there.stream().map(Envelope::msgid).distinct().count() / 2;
        for (Envelope envelope : there) {
            EvpId id = envelope.id();
            Doubt before = doubts.getOrDefault(id, NONE);
            boolean suspect = out.containsKey(id);
            int group = Math.min(before.group(), Math.max(1, suspect ? half : halfOfAll));
            Doubt now = new Doubt(before.deaths() + 1, group);
            doubts.put(id, now);
            if (suspect && alone && now.deaths() >= DEATHS_MAX) {
                poison.add(id);
            }
        }
        while (doubts.size() > REMEMBERED_MAX) {
            doubts.remove(doubts.keySet().iterator().next());
        }
        line.clear();
        out.clear();
        batches.clear();
        return new Findings(poison, waiting);
    }

    /// An envelope came back from its deliverer alive: it is innocent.
    void survived(EvpId id) {
        doubts.remove(id);
        Batch batch = out.remove(id);
        if (batch != null && --batch.left == 0) {
            batches.remove(batch);
        }
    }

    /// Whether a batch may be handed out now; if not it stands in line.
    boolean mayGo(List<Envelope> batch) {
        if (batch.stream().noneMatch(it -> isSuspect(it.id()))) {
            return true;
        }
        if (!line.isEmpty() || !hasRoom(batch)) {
            line.add(batch);
            return false;
        }
        goes(batch);
        return true;
    }

    private boolean isSuspect(EvpId id) {
        return doubts.getOrDefault(id, NONE).deaths() >= DEATHS_SUSPECT;
    }

    /// Whether no group gets too large by a batch, neither its own nor that of those who are out.
    private boolean hasRoom(List<Envelope> batch) {
        int least = group(batch);
        for (Batch it : batches) {
            least = Math.min(least, it.group);
        }
        return batches.size() < least;
    }

    private int group(List<Envelope> batch) {
        return batch.stream()
                .mapToInt(it -> doubts.getOrDefault(it.id(), NONE).group())
                .min()
                .orElse(GROUP_MAX);
    }

    private void goes(List<Envelope> envelopes) {
        Batch batch = new Batch(group(envelopes), envelopes.size());
        batches.add(batch);
        envelopes.forEach(it -> out.put(it.id(), batch));
    }

    /// The batch that may go now, if there is one.
    Optional<List<Envelope>> next() {
        if (line.isEmpty() || !hasRoom(line.peek())) {
            return Optional.empty();
        }
        List<Envelope> batch = line.remove();
        goes(batch);
        return Optional.of(batch);
    }
}
