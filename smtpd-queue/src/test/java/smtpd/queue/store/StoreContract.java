package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// What every store that keeps mail must do, however it is packed.
@SuppressWarnings("NullAway.Init")
abstract class StoreContract {
    final RandomGenerator random = new SplittableRandom(7);
    RecordStore records;
    Store store;

    /// An empty store of bytes.
    abstract RecordStore open() throws Exception;

    /// How mail is packed in it.
    Packing packing() {
        return Packing.NONE;
    }

    /// Called while an answer is awaited, for stores that need a push.
    void push() throws Exception {}

    @BeforeEach
    void openStore() throws Exception {
        records = open();
        store = MailStore.over(records, packing(), Mails.secret(), Mails::asWeLeftIt);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    StoreResult await(Consumer<Consumer<StoreResult>> ask) {
        BlockingQueue<StoreResult> answers = new LinkedBlockingQueue<>();
        ask.accept(answers::add);
        try {
            push();
            StoreResult answer = answers.poll(60, TimeUnit.SECONDS);
            if (answer == null) {
                throw new AssertionError("no answer");
            }
            return answer;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    StoreResult commit(StoreTx tx) {
        return await(done -> store.commit(tx, done));
    }

    void ok(StoreResult result) {
        assertEquals(StoreResult.DONE, result);
    }

    void refused(Refused.Reason reason, StoreResult result) {
        assertEquals(reason, assertInstanceOf(Refused.class, result).reason());
    }

    MsgId begin() {
        return assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
    }

    MsgId begin(byte[] content) {
        MsgId id = begin();
        for (Bytes chunk : Mails.chunks(content, Store.CHUNK_MAX)) {
            ok(await(done -> store.append(id, chunk, done)));
        }
        return id;
    }

    List<Envelope> accept(byte[] content, int rcpts) {
        MsgId id = begin(content);
        List<Envelope> envelopes = new ArrayList<>();
        for (int i = 0; i < rcpts; i++) {
            EvpId evpid = store.newEnvelopeId(id, random);
            envelopes.add(Mails.envelope(evpid, "rcpt" + i + "@example.org"));
        }
        ok(commit(StoreTx.accept(Mails.commit(id, content), envelopes)));
        return envelopes;
    }

    static List<Envelope> all(EnvelopeCursor cursor) {
        List<Envelope> envelopes = new ArrayList<>();
        try (cursor) {
            for (Optional<Envelope> e = cursor.next(); e.isPresent(); e = cursor.next()) {
                envelopes.add(e.get());
            }
        }
        return envelopes;
    }

    @Test
    void committedMessageAndEnvelopesAreReadBack() {
        byte[] content = Mails.bytes(3000, random);
        List<Envelope> envelopes = accept(content, 3);
        MsgId id = envelopes.getFirst().msgid();
        assertArrayEquals(content, Mails.read(store, id).orElseThrow());
        assertEquals(content.length, store.content(id).orElseThrow().size());
        for (Envelope envelope : envelopes) {
            assertEquals(new Loaded.Found(envelope), store.load(envelope.id()));
        }
        assertEquals(envelopes.stream().map(Envelope::id).sorted().toList(), store.envelopes(id));
        assertEquals(new StoreStatus(1, 3, 0, Optional.empty()), store.status());
    }

    @Test
    void contentOfManyChunksIsReadInOrderAndBoundedPieces() {
        byte[] content = Mails.bytes(1_000_000, random);
        MsgId id = accept(content, 1).getFirst().msgid();
        assertArrayEquals(content, Mails.read(store, id).orElseThrow());
        try (Content reader = store.content(id).orElseThrow()) {
            while (reader.next() instanceof Piece.Chunk(Bytes bytes)) {
                assertTrue(bytes.length() <= Store.CHUNK_MAX);
            }
            assertEquals(Piece.END, reader.next());
        }
    }

    @Test
    void emptyContentIsAMessageToo() {
        MsgId id = accept(new byte[0], 1).getFirst().msgid();
        assertEquals(0, Mails.read(store, id).orElseThrow().length);
    }

    @Test
    void interleavedMessagesKeepApart() {
        byte[] one = Mails.bytes(5000, random);
        byte[] two = Mails.bytes(7000, random);
        MsgId first = begin();
        MsgId second = begin();
        for (int i = 0; i < 5; i++) {
            int at = i;
            ok(await(d -> store.append(first, Bytes.of(one, at * 1000, 1000), d)));
            ok(await(d -> store.append(second, Bytes.of(two, at * 1400, 1400), d)));
        }
        for (MsgId id : List.of(second, first)) {
            Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
            ok(commit(StoreTx.accept(Mails.commit(id, id.equals(first) ? one : two), List.of(e))));
        }
        assertArrayEquals(one, Mails.read(store, first).orElseThrow());
        assertArrayEquals(two, Mails.read(store, second).orElseThrow());
    }

    @Test
    void uncommittedMessageDoesNotExist() {
        MsgId id = begin(Mails.bytes(100, random));
        assertTrue(store.content(id).isEmpty());
        assertTrue(store.envelopes(id).isEmpty());
        assertEquals(0, store.status().messages());
        store.rollback(id);
        byte[] content = new byte[0];
        Envelope e = Mails.envelope(id.envelope(1), "a@example.org");
        refused(
                Refused.Reason.UNKNOWN,
                commit(StoreTx.accept(Mails.commit(id, content), List.of(e))));
        refused(Refused.Reason.UNKNOWN, await(d -> store.append(id, Bytes.of(new byte[] {1}), d)));
    }

    @Test
    void commitThatDoesNotMatchTheContentIsRefused() {
        byte[] content = Mails.bytes(100, random);
        MsgId id = begin(content);
        Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
        StoreTx.Commit good = Mails.commit(id, content);
        StoreTx.Commit shorter = new StoreTx.Commit(id, 99, good.crc32c());
        StoreTx.Commit other = new StoreTx.Commit(id, 100, good.crc32c() + 1);
        refused(Refused.Reason.DAMAGED, commit(StoreTx.accept(shorter, List.of(e))));
        refused(Refused.Reason.DAMAGED, commit(StoreTx.accept(other, List.of(e))));
        assertTrue(store.content(id).isEmpty());
        ok(commit(StoreTx.accept(good, List.of(e))));
    }

    @Test
    void updateReplacesTheState() {
        Envelope e = accept(Mails.bytes(10, random), 2).getFirst();
        for (int i = 1; i <= 3; i++) {
            StoreTx.StateUpdate update = new StoreTx.StateUpdate(e.id(), Mails.tried(i));
            ok(commit(StoreTx.results(List.of(update), List.of())));
            assertEquals(new Loaded.Found(e.with(Mails.tried(i))), store.load(e.id()));
        }
    }

    @Test
    void messageGoesWithItsLastEnvelope() {
        byte[] content = Mails.bytes(10, random);
        List<Envelope> envelopes = accept(content, 2);
        MsgId id = envelopes.getFirst().msgid();
        ok(commit(StoreTx.results(List.of(), List.of(envelopes.get(0).id()))));
        assertEquals(Loaded.ABSENT, store.load(envelopes.get(0).id()));
        assertArrayEquals(content, Mails.read(store, id).orElseThrow());
        ok(commit(StoreTx.results(List.of(), List.of(envelopes.get(1).id()))));
        assertTrue(store.content(id).isEmpty());
        assertEquals(new StoreStatus(0, 0, 0, Optional.empty()), store.status());
    }

    @Test
    void removingOrUpdatingWhatDoesNotExistIsPassedOver() {
        Envelope e = accept(Mails.bytes(10, random), 1).getFirst();
        EvpId absent = e.msgid().envelope((int) e.id().value() + 1 | 1 << 30);
        StoreTx.StateUpdate update = new StoreTx.StateUpdate(absent, Mails.tried(1));
        ok(commit(StoreTx.results(List.of(update), List.of(absent))));
        ok(commit(StoreTx.NOTHING));
        assertEquals(new Loaded.Found(e), store.load(e.id()));
        ok(commit(StoreTx.results(List.of(), List.of(e.id(), e.id()))));
        ok(commit(StoreTx.results(List.of(), List.of(e.id()))));
        assertEquals(0, store.status().envelopes());
    }

    @Test
    void bounceReplacesTheLastEnvelopeAndTheMessageStays() {
        byte[] content = Mails.bytes(10, random);
        Envelope e = accept(content, 1).getFirst();
        Envelope bounce = Mails.bounce(store.newEnvelopeId(e.msgid(), random));
        ok(commit(StoreTx.bounce(e.id(), bounce)));
        assertEquals(Loaded.ABSENT, store.load(e.id()));
        assertEquals(new Loaded.Found(bounce), store.load(bounce.id()));
        assertArrayEquals(content, Mails.read(store, e.msgid()).orElseThrow());
    }

    @Test
    void reportTakesThePlaceOfTheBouncesAtOnce() {
        Envelope e = accept(Mails.bytes(10, random), 1).getFirst();
        Envelope bounce = Mails.bounce(store.newEnvelopeId(e.msgid(), random));
        ok(commit(StoreTx.bounce(e.id(), bounce)));
        byte[] text = Mails.bytes(500, random);
        MsgId report = begin(text);
        Envelope out = Mails.envelope(store.newEnvelopeId(report, random), "s@example.net");
        ok(commit(StoreTx.report(Mails.commit(report, text), List.of(out), List.of(bounce.id()))));
        assertTrue(store.content(e.msgid()).isEmpty());
        assertArrayEquals(text, Mails.read(store, report).orElseThrow());
        assertEquals(List.of(out), all(store.walk()));
    }

    @Test
    void envelopeForAnUnknownMessageChangesNothing() {
        Envelope e = accept(Mails.bytes(10, random), 1).getFirst();
        MsgId other = new MsgId(e.msgid().value() ^ 0x40000000);
        Envelope stray = Mails.envelope(other.envelope(9), "a@example.org");
        refused(Refused.Reason.UNKNOWN, commit(StoreTx.bounce(e.id(), stray)));
        assertEquals(new Loaded.Found(e), store.load(e.id()));
        assertEquals(Loaded.ABSENT, store.load(stray.id()));
    }

    @Test
    @DisplayName("F-71 an envelope id that exists is refused")
    void duplicateEnvelopeIdIsRefused() {
        Envelope e = accept(Mails.bytes(10, random), 1).getFirst();
        Envelope again = Mails.envelope(e.id(), "other@example.org");
        refused(
                Refused.Reason.UNKNOWN,
                commit(new StoreTx(Optional.empty(), List.of(again), List.of(), List.of())));
        assertEquals(new Loaded.Found(e), store.load(e.id()));
    }

    @Test
    void commitWithoutEnvelopesIsAMistake() {
        MsgId id = begin();
        assertThrows(
                IllegalArgumentException.class,
                () -> StoreTx.accept(Mails.commit(id, new byte[0]), List.of()));
    }

    @Test
    void idsAreNeverZeroAndNeverInUse() {
        int[] draws = {0, 5, 5, 0, 5, 6, 0, 7, 7, 8};
        RandomGenerator scripted =
                new RandomGenerator() {
                    private int next;

                    @Override
                    public long nextLong() {
                        return (long) draws[next++] << 32;
                    }
                };
        assertEquals(new NewMessage.Opened(new MsgId(5)), store.create(scripted));
        assertEquals(new NewMessage.Opened(new MsgId(6)), store.create(scripted));
        MsgId five = new MsgId(5);
        assertEquals(five.envelope(7), store.newEnvelopeId(five, scripted));
        assertEquals(five.envelope(8), store.newEnvelopeId(five, scripted));
    }

    @Test
    void newEnvelopeIdOfAStoredMessageIsNew() {
        Envelope e = accept(Mails.bytes(10, random), 1).getFirst();
        Set<EvpId> ids = new LinkedHashSet<>();
        for (int i = 0; i < 100; i++) {
            EvpId id = store.newEnvelopeId(e.msgid(), random);
            assertNotEquals(e.id(), id);
            assertEquals(e.msgid(), id.msgid());
            ids.add(id);
        }
        assertEquals(100, ids.size());
        MsgId absent = new MsgId(e.msgid().value() ^ 0x40000000);
        assertThrows(IllegalArgumentException.class, () -> store.newEnvelopeId(absent, random));
    }

    @Test
    void listIsAscendingFromAnId() {
        List<Envelope> expected = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            expected.addAll(accept(Mails.bytes(10, random), 1 + i % 3));
        }
        expected.sort((a, b) -> a.id().compareTo(b.id()));
        assertEquals(expected, all(store.list(Optional.empty())));
        List<Envelope> tail = expected.subList(4, expected.size());
        assertEquals(tail, all(store.list(Optional.of(tail.getFirst().id()))));
        EvpId between = new EvpId(tail.getFirst().id().value() + 1);
        assertEquals(tail.subList(1, tail.size()), all(store.list(Optional.of(between))));
    }

    @Test
    void walkMeetsEachEnvelopeOnceAndLeavesOutWhatWasRemoved() {
        List<Envelope> expected = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            expected.addAll(accept(Mails.bytes(10, random), 2));
        }
        EnvelopeCursor cursor = store.walk();
        Envelope gone = expected.get(13);
        ok(commit(StoreTx.results(List.of(), List.of(gone.id()))));
        List<Envelope> seen = all(cursor);
        assertEquals(19, seen.size());
        assertFalse(seen.contains(gone));
        assertEquals(19, new LinkedHashSet<>(seen).size());
        assertTrue(expected.containsAll(seen));
    }

    @Test
    void answersComeInTheOrderOfTheQuestions() {
        List<Integer> order = java.util.Collections.synchronizedList(new ArrayList<>());
        byte[] content = Mails.bytes(100, random);
        MsgId id = begin();
        Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
        store.append(id, Bytes.of(content), _ -> order.add(1));
        store.commit(StoreTx.accept(Mails.commit(id, content), List.of(e)), _ -> order.add(2));
        store.commit(StoreTx.results(List.of(), List.of(e.id())), _ -> order.add(3));
        ok(commit(StoreTx.NOTHING));
        assertEquals(List.of(1, 2, 3), order);
        assertEquals(0, store.status().messages());
    }
}
