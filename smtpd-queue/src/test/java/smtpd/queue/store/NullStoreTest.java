package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MsgId;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

class NullStoreTest {
    private final RandomGenerator random = new SplittableRandom(1);
    private final Store store = new NullStore();
    private final List<StoreResult> answers = new ArrayList<>();

    private MsgId begin() {
        return assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
    }

    @Test
    void committedMessageIsGone() {
        byte[] content = Mails.bytes(100, random);
        MsgId id = begin();
        store.append(id, Bytes.of(content), answers::add);
        Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
        store.commit(StoreTx.accept(Mails.commit(id, content), List.of(e)), answers::add);
        assertEquals(List.of(StoreResult.DONE, StoreResult.DONE), answers);
        assertTrue(store.content(id).isEmpty());
        assertEquals(Loaded.ABSENT, store.load(e.id()));
        assertEquals(0, store.status().messages());
    }

    @Test
    void wrongChecksumIsStillRefused() {
        MsgId id = begin();
        store.append(id, Bytes.of(new byte[] {1}), answers::add);
        Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
        store.commit(StoreTx.accept(Mails.commit(id, new byte[] {2}), List.of(e)), answers::add);
        assertEquals(
                Refused.Reason.DAMAGED,
                assertInstanceOf(Refused.class, answers.getLast()).reason());
    }
}
