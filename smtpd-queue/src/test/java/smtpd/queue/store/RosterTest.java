package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import smtpd.core.fs.DiskFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// Records of a sealed queue that were put back, left out or made up while it was stopped, by
/// somebody who can write any of them but has no key.
class RosterTest {
    /// The stores on disk.
    enum Kind {
        SEGMENT,
        FILES,
        DATABASE;

        BatchStore<?> open(Path spool) throws IOException {
            DiskFs fs = new DiskFs(spool);
            return switch (this) {
                case SEGMENT -> SegmentStore.open(fs, Packings.NO_FLOOR, _ -> {});
                case FILES -> FsStore.open(fs, Packings.NO_FLOOR, _ -> {});
                case DATABASE -> SqliteStore.open(fs, spool, Packings.NO_FLOOR, _ -> {});
            };
        }
    }

    @TempDir private Path spool;
    private final SplittableRandom random = new SplittableRandom(12);
    private final List<StoreNotice> notices = new ArrayList<>();

    private SteppedMail open(Kind kind) throws IOException {
        notices.clear();
        return new SteppedMail(kind.open(spool), Packings.both(), notices::add);
    }

    private void told(Kind kind, boolean alarm) throws IOException {
        SteppedMail store = open(kind);
        List<String> alarms =
                notices.stream()
                        .filter(it -> it.severity() == StoreNotice.Severity.ALARM)
                        .map(StoreNotice::text)
                        .toList();
        assertEquals(alarm ? 1 : 0, alarms.size(), alarms::toString);
        assertTrue(alarms.stream().allMatch(it -> it.contains("not as we left it")));
        store.close();
        assertEquals(List.of(), again(kind), "told once");
    }

    private List<StoreNotice> again(Kind kind) throws IOException {
        open(kind).close();
        return List.copyOf(notices);
    }

    private static void push(BatchStore<?> records) {
        while (records.step(true) == Stepped.Progress.MORE) {
            // until nothing is left to do
        }
    }

    private Envelope accept(SteppedMail store) {
        MsgId id = assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
        byte[] content = Mails.bytes(50, random);
        store.append(id, Bytes.of(content), _ -> {});
        Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
        store.commit(StoreTx.accept(Mails.commit(id, content), List.of(e)), _ -> {});
        push(store.records());
        return e;
    }

    private static void results(SteppedMail store, StoreTx tx) {
        store.commit(tx, result -> assertEquals(StoreResult.DONE, result));
        push(store.records());
    }

    private static void tried(SteppedMail store, Envelope envelope, int times) {
        results(
                store,
                StoreTx.results(
                        List.of(new StoreTx.StateUpdate(envelope.id(), Mails.tried(times))),
                        List.of()));
    }

    /// What somebody without a key does to the records.
    private void meddle(Kind kind, RecordTx tx) throws IOException {
        BatchStore<?> records = kind.open(spool);
        records.commit(tx, result -> assertEquals(StoreResult.DONE, result));
        push(records);
        records.close();
    }

    private static RecordTx change(List<RecordTx.Item> update, List<EvpId> remove) {
        return new RecordTx(Optional.empty(), List.of(), List.of(), update, remove);
    }

    @ParameterizedTest
    @EnumSource
    void whatWeDidIsAsWeLeftIt(Kind kind) throws Exception {
        SteppedMail store = open(kind);
        Envelope one = accept(store);
        Envelope two = accept(store);
        tried(store, one, 1);
        tried(store, one, 2);
        results(store, StoreTx.results(List.of(), List.of(two.id())));
        results(store, StoreTx.results(List.of(), List.of(two.id())));
        accept(store);
        store.close();
        told(kind, false);
    }

    @ParameterizedTest
    @EnumSource
    void earlierStatePutBackIsTold(Kind kind) throws Exception {
        SteppedMail store = open(kind);
        Envelope one = accept(store);
        tried(store, one, 1);
        Bytes earlier =
                assertInstanceOf(Stored.Found.class, store.records().load(one.id()))
                        .state()
                        .orElseThrow();
        tried(store, one, 2);
        store.close();
        meddle(kind, change(List.of(new RecordTx.Item(one.id(), earlier)), List.of()));
        told(kind, true);
    }

    @ParameterizedTest
    @EnumSource
    void removedMessagePutBackIsTold(Kind kind) throws Exception {
        SteppedMail store = open(kind);
        accept(store);
        Envelope gone = accept(store);
        Stored.Found found = assertInstanceOf(Stored.Found.class, store.records().load(gone.id()));
        Bytes label = store.records().label(gone.msgid()).orElseThrow();
        results(store, StoreTx.results(List.of(), List.of(gone.id())));
        store.close();
        makeUp(kind, gone.id(), found.envelope(), label);
        told(kind, true);
    }

    @ParameterizedTest
    @EnumSource
    void messageMadeUpInTheClearIsTold(Kind kind) throws Exception {
        SteppedMail store = open(kind);
        accept(store);
        store.close();
        EvpId id = new MsgId(77).envelope(5);
        Bytes envelope = EnvelopeCodec.bytes(Mails.envelope(id, "victim@example.org"));
        makeUp(kind, id, envelope, Bytes.EMPTY);
        told(kind, true);
    }

    private void makeUp(Kind kind, EvpId id, Bytes envelope, Bytes label) throws IOException {
        BatchStore<?> records = kind.open(spool);
        assertInstanceOf(
                NewMessage.Opened.class, records.create(() -> (long) id.msgid().value() << 32));
        byte[] content = {1, 2, 3};
        records.append(id.msgid(), Bytes.of(content), _ -> {});
        StoreTx.Commit it = Mails.commit(id.msgid(), content);
        records.commit(
                new RecordTx(
                        Optional.of(new RecordTx.Commit(id.msgid(), it.size(), it.crc32c(), label)),
                        List.of(),
                        List.of(new RecordTx.Item(id, envelope)),
                        List.of(),
                        List.of()),
                result -> assertEquals(StoreResult.DONE, result));
        push(records);
        records.close();
    }

    @ParameterizedTest
    @EnumSource
    void envelopeLeftOutIsTold(Kind kind) throws Exception {
        SteppedMail store = open(kind);
        Envelope one = accept(store);
        accept(store);
        store.close();
        meddle(kind, change(List.of(), List.of(one.id())));
        told(kind, true);
    }

    @ParameterizedTest
    @EnumSource
    void rosterLeftOutOrOfAnotherTimeIsTold(Kind kind) throws Exception {
        SteppedMail store = open(kind);
        accept(store);
        Bytes earlier = store.records().roster();
        accept(store);
        store.close();
        meddle(kind, RecordTx.roster(earlier));
        told(kind, true);
        meddle(kind, RecordTx.roster(Bytes.EMPTY));
        told(kind, true);
        meddle(kind, RecordTx.roster(Bytes.of(new byte[] {1, 2, 3})));
        told(kind, true);
    }

    @Test
    void rosterThatCannotBeReadIsNotNone() throws Exception {
        SteppedMail store = open(Kind.DATABASE);
        accept(store);
        store.close();
        RecordStore records = Kind.DATABASE.open(spool);
        records.close();
        assertThrows(IOException.class, records::roster);
    }

    @Test
    void refusedChangesAreNotCounted() throws Exception {
        RamStore records = new RamStore(1000);
        MailStore store = MailStore.over(records, Packings.sealed(), Mails.secret(), notices::add);
        MsgId first = assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
        Envelope e = Mails.envelope(store.newEnvelopeId(first, random), "a@example.org");
        byte[] content = Mails.bytes(20, random);
        store.append(first, Bytes.of(content), _ -> {});
        List<StoreResult> results = new ArrayList<>();
        StoreTx accept = StoreTx.accept(Mails.commit(first, content), List.of(e));
        store.commit(accept, results::add);
        // the envelope exists already
        store.commit(new StoreTx(Optional.empty(), List.of(e), List.of(), List.of()), results::add);
        assertEquals(StoreResult.DONE, results.getFirst());
        assertInstanceOf(Refused.class, results.getLast());
        MailStore.over(records, Packings.sealed(), Mails.secret(), notices::add);
        assertEquals(List.of(), notices);
    }
}
