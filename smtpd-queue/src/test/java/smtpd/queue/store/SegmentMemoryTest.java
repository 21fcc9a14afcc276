package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.fs.SpoolFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MsgId;
import smtpd.testkit.fs.SimFs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/// More mail than the memory of the segment log's index bears.
class SegmentMemoryTest {
    /// What some hundred messages take.
    private static final long LITTLE = 20_000;

    private final SplittableRandom random = new SplittableRandom(3);
    private final List<StoreNotice> notices = new ArrayList<>();
    private final Deque<Envelope> mails = new ArrayDeque<>();

    private SteppedMail open(SpoolFs fs, long indexBytes) throws Exception {
        StoreLimits limits = new StoreLimits(100_000, 25, 0, 0, indexBytes);
        return SteppedMail.segment(fs, limits, notices::add);
    }

    /// Takes messages until one is refused.
    private Refused fill(SteppedMail store, int most) {
        for (int i = 0; i < most; i++) {
            NewMessage created = store.create(random);
            if (created instanceof Refused refused) {
                return refused;
            }
            MsgId id = assertInstanceOf(NewMessage.Opened.class, created).id();
            byte[] content = Mails.bytes(100, random);
            store.append(id, Bytes.of(content), _ -> {});
            Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
            List<StoreResult> results = new ArrayList<>();
            store.commit(StoreTx.accept(Mails.commit(id, content), List.of(e)), results::add);
            store.step(true);
            assertEquals(List.of(StoreResult.DONE), results);
            mails.add(e);
        }
        throw new AssertionError("nothing is refused");
    }

    private void remove(SteppedMail store, int count) {
        for (int i = 0; i < count; i++) {
            store.commit(StoreTx.results(List.of(), List.of(mails.remove().id())), _ -> {});
        }
        store.step(true);
    }

    @Test
    @DisplayName("F-73 a full memory refuses new messages and serves those that are there")
    void fullMemoryRefusesNewMessages() throws Exception {
        SteppedMail store = open(new SimFs(1), LITTLE);
        Refused refused = fill(store, 1000);
        assertEquals(Refused.Reason.NO_SPACE, refused.reason());
        assertTrue(refused.text().contains("queue limit memory"), refused::text);
        assertEquals(1, notices.size(), notices::toString);
        assertEquals(StoreNotice.Severity.WARN, notices.getFirst().severity());
        assertEquals(new Loaded.Found(mails.peek()), store.load(mails.element().id()));
        int full = mails.size();
        remove(store, full / 10);
        fill(store, 1000);
        assertTrue(mails.size() >= full - 2 && mails.size() <= full + 2, mails::toString);
        store.close();
    }

    @Test
    @DisplayName("F-73 a start with more than memory bears is refused, and says what to do")
    void startWithMoreThanMemoryBearsIsRefused() throws Exception {
        SimFs fs = new SimFs(1);
        SteppedMail store = open(fs, LITTLE);
        fill(store, 1000);
        store.close();
        open(fs, LITTLE * 9 / 10).close();
        SpoolRefusedException refused =
                assertThrows(SpoolRefusedException.class, () -> open(fs, LITTLE / 2));
        assertTrue(String.valueOf(refused.getMessage()).contains("queue limit memory"));
        assertTrue(String.valueOf(refused.getMessage()).contains("queue backend sqlite"));
        SteppedMail again = open(fs, LITTLE * 2);
        assertEquals(mails.size(), again.status().envelopes());
        again.close();
    }
}
