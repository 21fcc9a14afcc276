package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Compression;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.queue.seal.Keyring;
import smtpd.testkit.fs.SimFs;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// Sealed mail in the hands of someone who can write to the storage, and keys that change.
class TamperTest {
    private static final StoreLimits LIMITS = new StoreLimits(1 << 20, 25, 0, 0);

    private final SplittableRandom random = new SplittableRandom(4);

    private static SteppedMail open(SimFs fs, Packing packing) throws Exception {
        return new SteppedMail(SegmentStore.open(fs, LIMITS, _ -> {}), packing, _ -> {});
    }

    private static SteppedMail files(SimFs fs, Packing packing) throws Exception {
        return new SteppedMail(FsStore.open(fs, LIMITS, _ -> {}), packing, _ -> {});
    }

    private static void settle(SteppedMail store) {
        while (store.step(true) == Stepped.Progress.MORE) {
            // until nothing is left to do
        }
    }

    private Envelope accept(SteppedMail store, byte[] content) {
        MsgId id = assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
        Mails.chunks(content, 1000).forEach(chunk -> store.append(id, chunk, _ -> {}));
        Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
        store.commit(StoreTx.accept(Mails.commit(id, content), List.of(e)), _ -> {});
        settle(store);
        return e;
    }

    /// What opens a store on a disk.
    private interface Opening {
        SteppedMail open(SimFs fs, Packing packing) throws Exception;
    }

    @Test
    @DisplayName("F-71 each byte of sealed files changed: found, and the rest is served")
    void everyByteOfFiles() throws Exception {
        everyByte(TamperTest::files, FsFiles.DIR + "/");
    }

    @Test
    @DisplayName("F-71 each byte of a sealed segment changed: found, and the rest is served")
    void everyByteOfASegment() throws Exception {
        everyByte(TamperTest::open, SegmentFormat.DIR + "/");
    }

    private void everyByte(Opening opening, String folder) throws Exception {
        SimFs pristine = new SimFs(1);
        List<Envelope> mails = new ArrayList<>();
        List<byte[]> contents = new ArrayList<>();
        fill(opening, pristine, mails, contents);
        for (String name : pristine.names()) {
            if (!name.startsWith(folder)) {
                continue;
            }
            long size = size(pristine, name);
            for (long at = 0; at < size; at++) {
                SimFs fs = new SimFs(1);
                fill(opening, fs, new ArrayList<>(), new ArrayList<>());
                fs.flipBit(name, 8 * at + at % 8);
                SteppedMail store;
                try {
                    store = opening.open(fs, Packings.both());
                } catch (SpoolRefusedException _) {
                    continue; // a version or key that is not known: nothing is touched
                }
                String where = name + " at " + at;
                int whole = 0;
                for (int i = 0; i < mails.size(); i++) {
                    whole += Mails.served(store, mails.get(i), contents.get(i)) ? 1 : 0;
                }
                // in files the journal heals what the last batch wrote
                assertTrue(whole >= mails.size() - 1, where);
                assertTrue(whole == mails.size() || quarantined(fs), where + ": in silence");
                assertTrue(store.status().refusal().isEmpty());
                store.close();
            }
        }
    }

    private static boolean quarantined(SimFs fs) {
        return fs.names().stream().anyMatch(it -> it.startsWith(SegmentFormat.CORRUPT_DIR + "/"));
    }

    private void fill(Opening opening, SimFs fs, List<Envelope> mails, List<byte[]> contents)
            throws Exception {
        SplittableRandom dice = new SplittableRandom(9);
        SteppedMail store = opening.open(fs, Packings.both());
        for (int i = 0; i < 3; i++) {
            byte[] content = Mails.bytes(60, dice);
            MsgId id = assertInstanceOf(NewMessage.Opened.class, store.create(dice)).id();
            store.append(id, Bytes.of(content), _ -> {});
            Envelope e = Mails.envelope(store.newEnvelopeId(id, dice), "a@example.org");
            store.commit(StoreTx.accept(Mails.commit(id, content), List.of(e)), _ -> {});
            settle(store);
            mails.add(e);
            contents.add(content);
        }
        store.close();
    }

    private static long size(SimFs fs, String name) throws Exception {
        try (var file = fs.openForReading(name)) {
            return file.size();
        }
    }

    private static void records(SteppedMail store, RecordTx tx) {
        List<StoreResult> results = new ArrayList<>();
        store.records().commit(tx, results::add);
        settle(store);
        assertEquals(List.of(StoreResult.DONE), results);
    }

    private static RecordTx update(EvpId id, Bytes state) {
        return new RecordTx(
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(new RecordTx.Item(id, state)),
                List.of());
    }

    @Test
    void recordsOfOtherEnvelopesAndKindsAreNoticed() throws Exception {
        SimFs fs = new SimFs(2);
        SteppedMail store = open(fs, Packings.sealed());
        Envelope one = accept(store, Mails.bytes(10, random));
        Envelope two = accept(store, Mails.bytes(10, random));
        Bytes other =
                assertInstanceOf(Stored.Found.class, store.records().load(two.id())).envelope();
        records(store, update(one.id(), other));
        store.close();
        store = open(fs, Packings.sealed());
        assertInstanceOf(Refused.class, store.load(one.id()));
        assertEquals(List.of(two), StoreContract.all(store.walk()));
        Bytes own = assertInstanceOf(Stored.Found.class, store.records().load(two.id())).envelope();
        records(store, update(two.id(), own));
        store.close();
        store = open(fs, Packings.sealed());
        assertInstanceOf(Refused.class, store.load(two.id()));
        store.close();
    }

    @Test
    void earlierStateInThePlaceOfALaterIsNoticedWhileTheQueueRuns() throws Exception {
        SimFs fs = new SimFs(2);
        SteppedMail store = open(fs, Packings.sealed());
        Envelope e = accept(store, Mails.bytes(10, random));
        String segment = SegmentFormat.path(1);
        long from = size(fs, segment);
        int[] times = {1, 2};
        for (int n : times) {
            StoreTx.StateUpdate update = new StoreTx.StateUpdate(e.id(), Mails.tried(n));
            store.commit(StoreTx.results(List.of(update), List.of()), _ -> {});
            settle(store);
        }
        int length = (int) (size(fs, segment) - from) / 2;
        try (var file = fs.open(segment)) {
            ByteBuffer earlier = ByteBuffer.allocate(length - SegmentFormat.RECORD_HEADER);
            file.read(from + SegmentFormat.RECORD_HEADER, earlier);
            file.write(from + length + SegmentFormat.RECORD_HEADER, earlier.flip());
        }
        Refused refused = assertInstanceOf(Refused.class, store.records().load(e.id()));
        assertTrue(refused.text().contains("another state"), refused.text());
        store.close();
    }

    @Test
    void labelOfAnotherMessageAndStateInClearAreNoticed() throws Exception {
        SimFs fs = new SimFs(2);
        SteppedMail store = open(fs, Packings.sealed());
        Envelope one = accept(store, Mails.bytes(10, random));
        Envelope two = accept(store, Mails.bytes(10, random));
        records(store, update(one.id(), EnvelopeCodec.bytes(Mails.tried(3))));
        Bytes label = store.records().label(one.msgid()).orElseThrow();
        records(
                store,
                new RecordTx(
                        Optional.empty(),
                        List.of(new RecordTx.Label(two.msgid(), label)),
                        List.of(),
                        List.of(),
                        List.of()));
        store.close();
        store = open(fs, Packings.sealed());
        assertInstanceOf(Refused.class, store.load(one.id()));
        assertInstanceOf(Refused.class, store.load(two.id()));
        try (Content content = store.content(two.msgid()).orElseThrow()) {
            assertInstanceOf(Refused.class, content.next());
        }
        store.close();
    }

    @Test
    void wrongOrMissingKeyIsRefusedAndNothingIsLost() throws Exception {
        SimFs fs = new SimFs(3);
        SteppedMail store = open(fs, Packings.both());
        byte[] content = Mails.bytes(500, random);
        Envelope e = accept(store, content);
        store.close();
        for (Packing wrong :
                List.of(Packing.NONE, new Packing(Compression.GZIP, Packings.ring(2)))) {
            String text =
                    assertThrows(SpoolRefusedException.class, () -> open(fs, wrong)).getMessage();
            assertTrue(String.valueOf(text).contains("is missing for 1 message"), text);
        }
        store = open(fs, Packings.both());
        assertTrue(Mails.served(store, e, content));
        store.close();
    }

    @Test
    void switchingOnAndOffAndRekeyingLeaveMailDeliverable() throws Exception {
        SimFs fs = new SimFs(3);
        List<Envelope> mails = new ArrayList<>();
        List<byte[]> contents = new ArrayList<>();
        Keyring both = new Keyring(Optional.empty(), List.of(Packings.key(1), Packings.key(2)));
        for (Packing packing :
                List.of(
                        Packing.NONE,
                        Packings.sealed(),
                        new Packing(Compression.GZIP, Packings.ring(2, 1)),
                        new Packing(Compression.GZIP, both))) {
            SteppedMail store = open(fs, packing);
            byte[] content = Mails.bytes(70_000, random);
            mails.add(accept(store, content));
            contents.add(content);
            for (int i = 0; i < mails.size(); i++) {
                Envelope tried = mails.get(i).with(Mails.tried(mails.size()));
                store.commit(
                        StoreTx.results(
                                List.of(new StoreTx.StateUpdate(tried.id(), tried.state())),
                                List.of()),
                        _ -> {});
                settle(store);
                mails.set(i, tried);
                assertTrue(Mails.served(store, tried, contents.get(i)), "message " + i);
            }
            store.close();
        }
        rekey(fs, new Packing(Compression.GZIP, Packings.ring(2, 1)), 1);
        SteppedMail store = open(fs, new Packing(Compression.NONE, Packings.ring(2)));
        for (int i = 0; i < mails.size(); i++) {
            assertTrue(Mails.served(store, mails.get(i), contents.get(i)), "message " + i);
        }
        store.close();
    }

    private static void rekey(SimFs fs, Packing packing, int expected) throws Exception {
        SegmentStore records = SegmentStore.open(fs, LIMITS, _ -> {});
        Committer.start(records);
        MailStore store = MailStore.over(records, packing, Mails.secret(), _ -> {});
        var done = new java.util.concurrent.CompletableFuture<Store.Rekeyed>();
        Consumer<Store.Rekeyed> answer = done::complete;
        var progress = new java.util.concurrent.ConcurrentLinkedDeque<Integer>();
        store.rekey(progress::add, answer);
        assertEquals(new Store.Rekeyed(expected, 0, StoreResult.DONE), done.join());
        assertEquals(expected, progress.getLast());
        store.close();
    }
}
