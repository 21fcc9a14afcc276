package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.MsgId;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/// No more envelopes than the memory of the scheduler bears.
class CrowdTest {
    private static final int MOST = 100;

    /// More messages than are begun between two looks at the store.
    private static final int LOOKS = 1000;

    private final RandomGenerator random = new SplittableRandom(1);
    private final MailStore store = MailStore.plain(new RamStore(1_000_000));

    private List<Envelope> accept(int envelopes) {
        MsgId id = assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
        List<Envelope> added = new ArrayList<>();
        for (int i = 0; i < envelopes; i++) {
            added.add(Mails.envelope(store.newEnvelopeId(id, random), "a@example.org"));
        }
        commit(StoreTx.accept(Mails.commit(id, new byte[0]), added));
        return added;
    }

    private void commit(StoreTx tx) {
        AtomicReference<StoreResult> answer = new AtomicReference<>();
        store.commit(tx, answer::set);
        assertEquals(StoreResult.DONE, answer.get());
    }

    private void remove(List<Envelope> envelopes) {
        commit(StoreTx.results(List.of(), envelopes.stream().map(Envelope::id).toList()));
    }

    private Optional<Refused> refusal() {
        NewMessage created = store.create(random);
        if (created instanceof NewMessage.Opened(MsgId id)) {
            store.rollback(id);
        }
        return created instanceof Refused refused ? Optional.of(refused) : Optional.empty();
    }

    /// How many messages are begun until one is refused.
    private int begun() {
        int begun = 0;
        while (begun < LOOKS && refusal().isEmpty()) {
            begun++;
        }
        return begun;
    }

    @Test
    @DisplayName("F-66 F-74: with as many envelopes as there may be new mail is refused for now")
    void newMailIsRefusedSoonAfterTheBoundIsReached() throws SpoolRefusedException {
        store.bound(MOST);
        accept(MOST - 1);
        assertEquals(LOOKS, begun());
        accept(1);
        assertTrue(begun() < LOOKS);
        Refused refused = refusal().orElseThrow();
        assertEquals(Refused.Reason.NO_SPACE, refused.reason());
        assertTrue(refused.text().contains("100 envelopes are as many"), refused.text());
        assertTrue(refused.text().contains("`scheduler limit memory`"), refused.text());
    }

    @Test
    @DisplayName("F-66: what is there is delivered, and mail is taken again at once")
    void mailIsTakenAgainAtOnce() throws SpoolRefusedException {
        store.bound(MOST);
        accept(MOST - 1);
        List<Envelope> last = accept(1);
        assertTrue(begun() < LOOKS);
        remove(last);
        assertEquals(Optional.empty(), refusal());
    }

    @Test
    @DisplayName("F-74: a start with far more than there may be is refused, and says why")
    void aStartWithFarTooManyIsRefused() throws SpoolRefusedException {
        List<Envelope> tooMany = accept(1);
        accept(MOST + MOST / 4);
        SpoolRefusedException refused =
                assertThrows(SpoolRefusedException.class, () -> store.bound(MOST));
        assertTrue(String.valueOf(refused.getMessage()).contains("126 envelopes"));
        assertEquals(Optional.empty(), refusal(), "a bound that was refused binds nobody");
        remove(tooMany);
        store.bound(MOST);
        assertTrue(refusal().isPresent());
    }

    @Test
    void withoutABoundThereIsNone() {
        accept(10 * MOST);
        assertEquals(LOOKS, begun());
    }
}
