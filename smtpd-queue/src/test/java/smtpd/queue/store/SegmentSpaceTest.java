package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.testkit.fs.SimFs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

class SegmentSpaceTest {
    private static final int STEPS_MAX = 100;

    private final SimFs fs = new SimFs(1);
    private final SplittableRandom random = new SplittableRandom(1);

    private static void push(SteppedMail store) {
        int steps = 0;
        while (store.step(true) == Stepped.Progress.MORE && steps < STEPS_MAX) {
            steps++;
        }
    }

    @Test
    @DisplayName("F-66: after a full disk refused a removal, the message's bounce can be recorded")
    void aRefusedRemovalHoldsNothingUp() throws Exception {
        SteppedMail store = SteppedMail.segment(fs, new StoreLimits(64_000, 25, 0, 0), _ -> {});
        byte[] content = Mails.bytes(100, random);
        MsgId id = assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
        store.append(id, Bytes.of(content), _ -> {});
        EvpId evpid = store.newEnvelopeId(id, random);
        store.commit(
                StoreTx.accept(
                        Mails.commit(id, content),
                        List.of(Mails.envelope(evpid, "rcpt@example.org"))),
                _ -> {});
        push(store);
        List<StoreResult> results = new ArrayList<>();
        fs.capacity(fs.used());
        store.commit(StoreTx.results(List.of(), List.of(evpid)), results::add);
        push(store);
        assertInstanceOf(Refused.class, results.getFirst());
        fs.capacity(1L << 40);
        EvpId bounce = store.newEnvelopeId(id, random);
        store.commit(
                new StoreTx(
                        Optional.empty(), List.of(Mails.bounce(bounce)), List.of(), List.of(evpid)),
                results::add);
        push(store);
        assertEquals(2, results.size());
        assertEquals(StoreResult.DONE, results.getLast());
        store.close();
    }
}
