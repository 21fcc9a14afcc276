package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;

class RamStoreTest extends StoreContract {
    @Override
    RecordStore open() {
        return new RamStore(2_000_000);
    }

    @Test
    @DisplayName("F-66 a full store refuses new messages and takes removals")
    void fullStoreRefusesNewMessages() {
        var kept = accept(Mails.bytes(1_999_990, random), 1);
        MsgId last = begin(Mails.bytes(10, random));
        refused(
                Refused.Reason.NO_SPACE,
                await(d -> store.append(last, Bytes.of(new byte[] {1}), d)));
        assertEquals(
                Refused.Reason.NO_SPACE,
                assertInstanceOf(Refused.class, store.create(random)).reason());
        assertTrue(store.status().refusal().isPresent());
        ok(commit(StoreTx.results(java.util.List.of(), java.util.List.of(kept.getFirst().id()))));
        begin();
    }
}
