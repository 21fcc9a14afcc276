package smtpd.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

@DisplayName("F-72: a message that kills its deliverer three times is held, and nobody else is")
class SuspectsTest {
    private static final Envelope POISON = envelope(1);
    private static final Envelope NEIGHBOUR = envelope(2);

    private final Suspects suspects = new Suspects();

    private static Envelope envelope(int message) {
        return envelope(message, 1);
    }

    private static Envelope envelope(int message, int rcpt) {
        return new Envelope(
                new MsgId(message).envelope(rcpt),
                new Envelope.Origin("", "mx", "h", "h", "local", "", Envelope.OriginFlags.NONE),
                MailAddr.of("a@example.org"),
                MailAddr.of("b@example.org"),
                MailAddr.of("b@example.org"),
                new Envelope.Target.Mta("out"),
                Dsn.NONE,
                Instant.EPOCH,
                Duration.ofDays(4),
                Envelope.State.NEW);
    }

    private void bothDie() {
        assertEquals(Set.of(), suspects.died(List.of(POISON, NEIGHBOUR)).poison());
    }

    private void twice() {
        bothDie();
        bothDie();
    }

    @Test
    void onlyTheOneThatWasAloneIsHeld() {
        twice();
        assertTrue(suspects.mayGo(List.of(NEIGHBOUR)));
        assertFalse(suspects.mayGo(List.of(POISON)));
        assertEquals(Optional.empty(), suspects.next());
        suspects.survived(NEIGHBOUR.id());
        assertEquals(Optional.of(List.of(POISON)), suspects.next());
        assertEquals(Set.of(POISON.id()), suspects.died(List.of(POISON)).poison());
    }

    @Test
    void oneThatIsAloneFromTheStartIsHeldAtTheThirdDeath() {
        assertEquals(Set.of(), suspects.died(List.of(POISON)).poison());
        assertEquals(Set.of(), suspects.died(List.of(POISON)).poison());
        assertTrue(suspects.mayGo(List.of(POISON)));
        assertTrue(suspects.mayGo(List.of(NEIGHBOUR)));
        Suspects.Findings findings = suspects.died(List.of(POISON, NEIGHBOUR));
        assertEquals(Set.of(POISON.id()), findings.poison());
    }

    @Test
    void aSuspectThatWaitsInLineIsNotBlamedForTheDeathOfAnother() {
        twice();
        assertTrue(suspects.mayGo(List.of(POISON)));
        assertFalse(suspects.mayGo(List.of(NEIGHBOUR)));
        Suspects.Findings findings = suspects.died(List.of(POISON, NEIGHBOUR));
        assertEquals(Set.of(POISON.id()), findings.poison());
        assertEquals(Set.of(NEIGHBOUR.id()), findings.waiting());
    }

    @Test
    void whoeverSurvivesIsInnocent() {
        twice();
        assertTrue(suspects.mayGo(List.of(POISON)));
        suspects.survived(POISON.id());
        suspects.survived(NEIGHBOUR.id());
        assertTrue(suspects.mayGo(List.of(POISON)));
        assertTrue(suspects.mayGo(List.of(NEIGHBOUR)));
        assertEquals(Optional.empty(), suspects.next());
    }

    @Test
    void envelopesOfOneMessageGoTogetherAndAreHeldTogether() {
        Envelope other = envelope(1, 2);
        List<Envelope> both = List.of(POISON, other);
        for (int death = 1; death < Suspects.DEATHS_MAX; death++) {
            assertTrue(suspects.mayGo(both));
            assertEquals(Set.of(), suspects.died(both).poison());
        }
        assertTrue(suspects.mayGo(both));
        assertEquals(Set.of(POISON.id(), other.id()), suspects.died(both).poison());
    }

    /// A deliverer that takes what it is given and dies at a random moment after it was given one
    /// of `poisons`; what it delivered until then is delivered.
    private final class Deliverer {
        private final SplittableRandom random;
        private final Set<Integer> poisons;
        private final Map<EvpId, Envelope> queue = new LinkedHashMap<>();
        private final List<Envelope> has = new ArrayList<>();
        private final Set<EvpId> held = new LinkedHashSet<>();
        private int deaths;
        private int delivered;

        Deliverer(int mails, Set<Integer> poisons, long seed) {
            this.poisons = poisons;
            random = new SplittableRandom(seed);
            for (int i = 1; i <= mails; i++) {
                queue.put(envelope(i).id(), envelope(i));
            }
        }

        /// A round ends with a death, the last one without.
        void run() {
            int before;
            do {
                before = deaths;
                for (Envelope it : queue.values()) {
                    if (suspects.mayGo(List.of(it))) {
                        has.add(it);
                    }
                }
                work();
            } while (deaths > before);
        }

        /// Until it dies or all is done. All in the queue are in hand; it has some of them.
        private void work() {
            while (!has.isEmpty()) {
                int which = random.nextInt(has.size());
                Envelope one = has.get(which);
                if (poisons.contains(one.msgid().value())) {
                    deaths++;
                    Suspects.Findings findings = suspects.died(List.copyOf(queue.values()));
                    held.addAll(findings.poison());
                    queue.keySet().removeAll(findings.poison());
                    has.clear();
                    return;
                }
                has.set(which, has.getLast());
                has.removeLast();
                queue.remove(one.id());
                delivered++;
                suspects.survived(one.id());
                Optional<List<Envelope>> next = suspects.next();
                while (next.isPresent()) {
                    has.addAll(next.get());
                    next = suspects.next();
                }
            }
        }
    }

    @Test
    void onePoisonAmongAThousandIsFoundByHalving() {
        for (long seed = 0; seed < 20; seed++) {
            Deliverer deliverer = new Deliverer(1000, Set.of(500), seed);
            deliverer.run();
            assertEquals(Set.of(envelope(500).id()), deliverer.held);
            assertEquals(999, deliverer.delivered);
            // two until it is a suspect, six halves of 64, one alone
            int most = Suspects.DEATHS_SUSPECT + 6 + 1;
            assertTrue(deliverer.deaths <= most, () -> deliverer.deaths + " deaths");
        }
    }

    @Test
    void severalPoisonsAreFoundAndNobodyElseIsHeld() {
        for (long seed = 0; seed < 20; seed++) {
            Deliverer deliverer = new Deliverer(1000, Set.of(3, 4, 777), seed);
            deliverer.run();
            assertEquals(
                    Set.of(envelope(3).id(), envelope(4).id(), envelope(777).id()), deliverer.held);
            assertEquals(997, deliverer.delivered);
        }
    }

    @Test
    void suspectsThatAreInnocentGoInLargeGroups() {
        List<Envelope> all = new ArrayList<>();
        for (int i = 1; i <= 10_000; i++) {
            all.add(envelope(i));
        }
        suspects.died(all);
        suspects.died(all);
        long first = all.stream().filter(it -> suspects.mayGo(List.of(it))).count();
        assertEquals(Suspects.GROUP_MAX, first);
        for (Envelope it : all) {
            suspects.survived(it.id());
            // where one comes back the next goes, without waiting for the rest of a group
            assertTrue(suspects.next().isPresent() || it.msgid().value() > 10_000 - first);
        }
    }
}
