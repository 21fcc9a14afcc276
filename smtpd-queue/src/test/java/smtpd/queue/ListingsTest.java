package smtpd.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.ControlToQueue;
import smtpd.core.imsg.QueueToControl;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.queue.store.MailStore;
import smtpd.queue.store.NewMessage;
import smtpd.queue.store.RamStore;
import smtpd.queue.store.Store;
import smtpd.queue.store.StoreTx;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/// Listings page by page, as control asks for them.
class ListingsTest {
    private static final int MAILS = 25;
    private static final int PAGE = 4;

    private final SplittableRandom random = new SplittableRandom(1);
    private final Store store = MailStore.plain(new RamStore(1 << 20));
    private final FakePeer<QueueToControl, ControlToQueue> control = new FakePeer<>();
    private final Listings listings = new Listings(store, control);
    private final List<EvpId> all = new ArrayList<>();

    @BeforeEach
    void fill() {
        byte[] content = {'a'};
        CRC32C crc = new CRC32C();
        crc.update(content);
        for (int i = 0; i < MAILS; i++) {
            MsgId id = assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
            store.append(id, Bytes.of(content), _ -> {});
            Envelope e =
                    QueueRig.envelope(id, "a@example.org", "b@example.net", Dsn.NONE)
                            .withId(store.newEnvelopeId(id, random));
            StoreTx.Commit commit = new StoreTx.Commit(id, 1, (int) crc.getValue());
            store.commit(StoreTx.accept(commit, List.of(e)), _ -> {});
            all.add(e.id());
        }
        all.sort(null);
    }

    private List<EvpId> page(long after) {
        listings.receive(1, new ControlToQueue.ListEnvelopes(after, PAGE));
        return control.take(QueueToControl.EnvelopePage.class).getFirst().envelopes().stream()
                .map(Envelope::id)
                .toList();
    }

    private static long after(List<EvpId> listed) {
        return listed.isEmpty() ? 0 : listed.getLast().value();
    }

    @Test
    void listingsGoOnSideBySide() {
        List<List<EvpId>> listed = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            listed.add(new ArrayList<>());
        }
        for (int turn = 0; turn <= MAILS / PAGE; turn++) {
            listed.forEach(it -> it.addAll(page(after(it))));
        }
        listed.forEach(it -> assertEquals(all, it));
        assertEquals(List.of(), page(after(all)));
    }

    @Test
    void whatIsRemovedMeanwhileIsLeftOut() {
        List<EvpId> listed = new ArrayList<>(page(0));
        EvpId gone = all.remove(PAGE + 1);
        store.commit(StoreTx.results(List.of(), List.of(gone)), _ -> {});
        while (listed.size() < all.size()) {
            listed.addAll(page(after(listed)));
        }
        assertEquals(all, listed);
    }

    @Test
    void pageOfAMessageBeginsWithIt() {
        EvpId some = all.get(7);
        assertEquals(all.subList(7, 7 + PAGE), page((long) some.msgid().value() << 32));
        page(0);
        assertEquals(all.subList(8, 8 + PAGE), page(some.value()));
    }
}
