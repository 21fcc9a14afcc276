package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// A random workload on a store, and what the store must hold according to its answers.
///
/// Of each transaction it knows whether it was answered. What was answered must be there; of what
/// was not, either the state before or the state after, for all envelopes it touched alike.
final class StoreModel {
    /// The envelopes and contents that exist.
    private record World(
            NavigableMap<EvpId, Envelope> envelopes, NavigableMap<MsgId, byte[]> contents) {
        World copy() {
            return new World(new TreeMap<>(envelopes), new TreeMap<>(contents));
        }

        void apply(StoreTx tx, byte[] content) {
            tx.commit().ifPresent(c -> contents.put(c.message(), content));
            tx.add().forEach(e -> envelopes.put(e.id(), e));
            for (StoreTx.StateUpdate u : tx.update()) {
                envelopes.computeIfPresent(u.id(), (_, e) -> e.with(u.state()));
            }
            for (EvpId id : tx.remove()) {
                envelopes.remove(id);
            }
            Set<MsgId> wanted = new HashSet<>();
            envelopes.keySet().forEach(e -> wanted.add(e.msgid()));
            contents.keySet().retainAll(wanted);
        }
    }

    private record Asked(StoreTx tx, Bytes content) {}

    private final RandomGenerator random;
    private World promised = new World(new TreeMap<>(), new TreeMap<>());
    private final List<Asked> open = new ArrayList<>();
    private int commits;
    private int tries;

    StoreModel(RandomGenerator random) {
        this.random = random;
    }

    int commits() {
        return commits;
    }

    /// Does something; sometimes several things that share a sync, sometimes without a step.
    void act(SteppedMail store) {
        int n = 1 + random.nextInt(3);
        for (int i = 0; i < n; i++) {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> accept(store);
                case 3 -> update(store);
                case 4, 5 -> remove(store);
                case 6 -> bounce(store);
                default -> report(store);
            }
        }
        if (random.nextInt(4) != 0) {
            store.step(random.nextInt(3) == 0);
        }
    }

    /// Lets the store do all that waits.
    void settle(SteppedMail store) {
        while (store.step(true) == Stepped.Progress.MORE) {
            // until nothing is left to do
        }
    }

    private void ask(SteppedMail store, StoreTx tx, byte[] content) {
        Asked asked = new Asked(tx, Bytes.of(content));
        open.add(asked);
        store.commit(tx, result -> answered(asked, result));
    }

    private void answered(Asked asked, StoreResult result) {
        open.remove(asked);
        if (result.equals(StoreResult.DONE)) {
            commits++;
            promised.apply(asked.tx, asked.content.toByteArray());
        } else if (result instanceof Refused(Refused.Reason reason, _)
                && reason == Refused.Reason.FAILED) {
            open.add(asked);
        }
    }

    private Optional<MsgId> begin(SteppedMail store, byte[] content) {
        if (!(store.create(random) instanceof NewMessage.Opened(MsgId id))) {
            return Optional.empty();
        }
        for (Bytes chunk : Mails.chunks(content, 700)) {
            store.append(id, chunk, _ -> {});
            if (random.nextInt(6) == 0) {
                store.step(false);
            }
        }
        return Optional.of(id);
    }

    private void accept(SteppedMail store) {
        byte[] content = Mails.bytes(random.nextInt(2000), random);
        Optional<MsgId> begun = begin(store, content);
        if (begun.isEmpty()) {
            return;
        }
        MsgId id = begun.get();
        if (random.nextInt(8) == 0) {
            store.rollback(id);
            return;
        }
        List<Envelope> envelopes = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(4); i++) {
            EvpId evpid = store.newEnvelopeId(id, random);
            envelopes.add(Mails.envelope(evpid, "r" + i + "@example.org"));
        }
        ask(store, StoreTx.accept(Mails.commit(id, content), envelopes), content);
    }

    /// An envelope that no unanswered transaction touches.
    private Optional<Envelope> pick() {
        List<Envelope> free = new ArrayList<>();
        for (Envelope e : promised.envelopes.values()) {
            boolean busy =
                    open.stream()
                            .anyMatch(a ->
                                    a.tx.remove().contains(e.id())
                                            || a.tx.update().stream()
                                                    .anyMatch(u -> u.id().equals(e.id())));
            if (!busy) {
                free.add(e);
            }
        }
        return free.isEmpty()
                ? Optional.empty()
                : Optional.of(free.get(random.nextInt(free.size())));
    }

    private void update(SteppedMail store) {
        pick().ifPresent(e -> {
            var u = new StoreTx.StateUpdate(e.id(), Mails.tried(++tries));
            ask(store, StoreTx.results(List.of(u), List.of()), new byte[0]);
        });
    }

    private void remove(SteppedMail store) {
        pick().ifPresent(e -> ask(store, StoreTx.results(List.of(), List.of(e.id())), new byte[0]));
    }

    private void bounce(SteppedMail store) {
        pick().ifPresent(e -> {
            Envelope b = Mails.bounce(store.newEnvelopeId(e.msgid(), random));
            ask(store, StoreTx.bounce(e.id(), b), new byte[0]);
        });
    }

    private void report(SteppedMail store) {
        Optional<Envelope> about = pick();
        byte[] text = Mails.bytes(100, random);
        Optional<MsgId> begun = about.isEmpty() ? Optional.empty() : begin(store, text);
        if (about.isEmpty() || begun.isEmpty()) {
            return;
        }
        MsgId id = begun.get();
        Envelope out = Mails.envelope(store.newEnvelopeId(id, random), "s@example.net");
        List<EvpId> gone = List.of(about.get().id());
        ask(store, StoreTx.report(Mails.commit(id, text), List.of(out), gone), text);
    }

    /// Compares, and goes on from what was found: what was unanswered is decided now.
    void check(SteppedMail store, String replay) {
        NavigableMap<EvpId, Envelope> found = new TreeMap<>();
        for (Envelope e : StoreContract.all(store.list(Optional.empty()))) {
            found.put(e.id(), e);
        }
        World expected = promised.copy();
        for (Asked asked : List.copyOf(open)) {
            if (happened(asked, expected, found)) {
                expected.apply(asked.tx, asked.content.toByteArray());
            }
        }
        assertEquals(List.of(), difference(expected.envelopes, found), replay);
        assertEquals(0, store.status().damaged(), replay);
        assertEquals(expected.contents.size(), store.status().messages(), replay);
        assertEquals(found.size(), StoreContract.all(store.walk()).size(), replay);
        expected.contents.forEach((id, content) ->
                assertArrayEquals(content, Mails.read(store, id).orElseThrow(), replay));
        assertTrue(found.values().stream().allMatch(e -> known(store, e)), replay);
        promised = expected;
        open.clear();
    }

    /// What is not as it should be, short enough to read.
    private List<String> difference(
            NavigableMap<EvpId, Envelope> expected, NavigableMap<EvpId, Envelope> found) {
        NavigableMap<EvpId, Envelope> all = new TreeMap<>(expected);
        all.putAll(found);
        List<String> difference = new ArrayList<>();
        for (EvpId id : all.keySet()) {
            Envelope should = expected.get(id);
            Envelope is = found.get(id);
            if (should == null || !should.equals(is)) {
                String promise = promised.envelopes.containsKey(id) ? " promised" : "";
                difference.add(id + " should " + retry(should) + " is " + retry(is) + promise);
            }
        }
        return difference;
    }

    private static String retry(@Nullable Envelope e) {
        return e == null ? "not be" : "be with retry " + e.state().retry();
    }

    private static boolean known(SteppedMail store, Envelope e) {
        return store.load(e.id()).equals(new Loaded.Found(e));
    }

    /// Judged by one of the things it changes; that the others agree is checked with the whole.
    private static boolean happened(
            Asked asked, World before, NavigableMap<EvpId, Envelope> found) {
        if (!asked.tx.add().isEmpty()) {
            return found.containsKey(asked.tx.add().getFirst().id());
        }
        if (!asked.tx.remove().isEmpty()) {
            EvpId id = asked.tx.remove().getFirst();
            return before.envelopes.containsKey(id) && !found.containsKey(id);
        }
        StoreTx.StateUpdate update = asked.tx.update().getFirst();
        Envelope now = found.get(update.id());
        return now != null && now.state().equals(update.state());
    }
}
