package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.fs.AlreadyLockedException;
import smtpd.core.fs.SpoolFile;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.testkit.fs.SimFs;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

class SegmentRecoveryTest {
    private static final StoreLimits LIMITS = new StoreLimits(8_000, 25, 0, 0);

    private final RandomGenerator random = new SplittableRandom(5);
    private final SimFs fs = new SimFs(5);
    private final List<StoreNotice> notices = new ArrayList<>();

    private SteppedMail open(StoreLimits limits) throws Exception {
        return SteppedMail.segment(fs, limits, notices::add);
    }

    private static void settle(SteppedMail store) {
        while (store.step(true) == Stepped.Progress.MORE) {
            // until nothing is left to do
        }
    }

    private Envelope accept(SteppedMail store, byte[] content) {
        MsgId id = assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
        for (Bytes chunk : Mails.chunks(content, 1000)) {
            store.append(id, chunk, _ -> {});
        }
        Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
        List<StoreResult> results = new ArrayList<>();
        store.commit(StoreTx.accept(Mails.commit(id, content), List.of(e)), results::add);
        settle(store);
        assertEquals(List.of(StoreResult.DONE), results);
        return e;
    }

    private void remove(SteppedMail store, EvpId id) {
        store.commit(StoreTx.results(List.of(), List.of(id)), _ -> {});
        settle(store);
    }

    private List<String> segments() {
        return fs.list(SegmentFormat.DIR);
    }

    private long usedBySegments() throws Exception {
        long used = 0;
        for (String name : segments()) {
            try (SpoolFile file = fs.openForReading(SegmentFormat.DIR + "/" + name)) {
                used += file.size();
            }
        }
        return used;
    }

    @Test
    @DisplayName("F-71 a bit flipped anywhere: the rest is served, nothing damaged is delivered")
    void bitFlipAnywhere() throws Exception {
        for (int flip = 0; flip < 400; flip++) {
            SimFs disk = new SimFs(flip);
            SplittableRandom dice = new SplittableRandom(flip);
            List<StoreNotice> told = new ArrayList<>();
            SteppedMail store = SteppedMail.segment(disk, LIMITS, told::add);
            List<Envelope> envelopes = new ArrayList<>();
            List<byte[]> contents = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                byte[] content = Mails.bytes(1500, dice);
                contents.add(content);
                envelopes.add(accept(store, content));
            }
            store.close();
            List<String> names = disk.list(SegmentFormat.DIR);
            String name = SegmentFormat.DIR + "/" + names.get(dice.nextInt(names.size()));
            long size;
            try (SpoolFile file = disk.openForReading(name)) {
                size = file.size();
            }
            disk.flipBit(name, dice.nextLong(size * 8));
            for (int life = 0; life < 2; life++) {
                SteppedMail again = SteppedMail.segment(disk, LIMITS, told::add);
                int whole = 0;
                for (int i = 0; i < 8; i++) {
                    whole += served(again, envelopes.get(i), contents.get(i)) ? 1 : 0;
                }
                assertTrue(whole >= 7, "flip " + flip + ": " + whole);
                assertTrue(again.status().refusal().isEmpty());
                again.close();
            }
        }
    }

    /// Whether it is there as it was; a message that is not must not look like one.
    private static boolean served(SteppedMail store, Envelope envelope, byte[] content) {
        Optional<Content> reader = store.content(envelope.msgid());
        if (reader.isEmpty()) {
            return false;
        }
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        try (Content in = reader.get()) {
            while (true) {
                switch (in.next()) {
                    case Piece.Chunk(Bytes b) -> got.write(b.array(), b.offset(), b.length());
                    case Piece.End _ -> {
                        assertArrayEquals(content, got.toByteArray());
                        return store.load(envelope.id()).equals(new Loaded.Found(envelope));
                    }
                    case Refused refused -> {
                        assertEquals(Refused.Reason.DAMAGED, refused.reason());
                        return false;
                    }
                }
            }
        }
    }

    @Test
    @DisplayName("F-71 a damaged record is copied to corrupt with a reason, and told once")
    void damagedRecordIsQuarantined() throws Exception {
        SteppedMail store = open(LIMITS);
        byte[] content = Mails.bytes(500, random);
        Envelope damaged = accept(store, content);
        Envelope kept = accept(store, Mails.bytes(500, random));
        store.close();
        String segment = SegmentFormat.DIR + "/" + segments().getFirst();
        fs.flipBit(segment, 8L * (SegmentFormat.FILE_HEADER + 100));
        store = open(LIMITS);
        assertEquals(new Loaded.Found(kept), store.load(kept.id()));
        assertEquals(1, store.status().damaged());
        assertEquals(List.of(kept), StoreContract.all(store.walk()));
        assertEquals(new Loaded.Found(damaged), store.load(damaged.id()));
        assertEquals(
                Refused.Reason.DAMAGED,
                assertInstanceOf(Refused.class, store.content(damaged.msgid()).orElseThrow().next())
                        .reason());
        List<String> corrupt = fs.list(SegmentFormat.CORRUPT_DIR);
        assertTrue(corrupt.stream().anyMatch(n -> n.endsWith(".bad")), corrupt.toString());
        assertTrue(corrupt.contains("message-" + damaged.msgid() + ".txt"), corrupt.toString());
        assertTrue(notices.stream().anyMatch(n -> n.severity() == StoreNotice.Severity.WARN));
        remove(store, damaged.id());
        assertEquals(0, store.status().damaged());
        store.close();
        notices.clear();
        open(LIMITS).close();
        assertEquals(List.of(), notices);
    }

    @Test
    @DisplayName("F-71 an unknown format version is refused, not repaired")
    void unknownVersionIsRefused() throws Exception {
        SteppedMail store = open(LIMITS);
        accept(store, Mails.bytes(10, random));
        store.close();
        ByteBuffer header = SegmentFormat.fileHeader(1);
        header.putInt(8, 9);
        header.putInt(
                SegmentFormat.FILE_HEADER - 4,
                SegmentFormat.crc(header.slice(0, SegmentFormat.FILE_HEADER - 4)));
        String name = SegmentFormat.path(1);
        try (SpoolFile file = fs.open(name)) {
            file.write(0, header);
        }
        long before = fs.used();
        var refused = assertThrows(SpoolRefusedException.class, () -> open(LIMITS));
        assertTrue(String.valueOf(refused.getMessage()).contains("version 9"));
        assertEquals(before, fs.used());
    }

    @Test
    void secondDaemonIsRefused() throws Exception {
        SteppedMail store = open(LIMITS);
        assertThrows(AlreadyLockedException.class, () -> open(LIMITS));
        store.close();
        open(LIMITS).close();
    }

    @Test
    void deadSegmentsAreRemoved() throws Exception {
        SteppedMail store = open(LIMITS);
        for (int i = 0; i < 200; i++) {
            remove(store, accept(store, Mails.bytes(2000, random)).id());
        }
        assertTrue(segments().size() <= 3, segments().toString());
        store.close();
        store = open(LIMITS);
        assertEquals(0, store.status().messages());
        store.close();
    }

    @Test
    void stragglersAreCopiedAndStayWhole() throws Exception {
        SteppedMail store = open(LIMITS);
        List<Envelope> kept = new ArrayList<>();
        List<byte[]> contents = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            byte[] content = Mails.bytes(1500, random);
            Envelope e = accept(store, content);
            if (i % 30 == 0) {
                StoreTx.StateUpdate update = new StoreTx.StateUpdate(e.id(), Mails.tried(i));
                store.commit(StoreTx.results(List.of(update), List.of()), _ -> {});
                settle(store);
                kept.add(e.with(Mails.tried(i)));
                contents.add(content);
            } else {
                remove(store, e.id());
            }
        }
        assertTrue(usedBySegments() < 100_000, "bytes " + usedBySegments());
        for (int life = 0; life < 2; life++) {
            for (int i = 0; i < kept.size(); i++) {
                assertEquals(new Loaded.Found(kept.get(i)), store.load(kept.get(i).id()));
                assertArrayEquals(
                        contents.get(i), Mails.read(store, kept.get(i).msgid()).orElseThrow());
            }
            store.close();
            store = open(LIMITS);
        }
        kept.forEach(e -> assertTrue(fs.used() > 0, e.toString()));
        assertEquals(kept.size(), store.status().messages());
        store.close();
    }

    @Test
    void contentBeingReadSurvivesTheRemovalOfItsSegment() throws Exception {
        SteppedMail store = open(LIMITS);
        byte[] content = Mails.bytes(1500, random);
        Envelope e = accept(store, content);
        Content reader = store.content(e.msgid()).orElseThrow();
        assertInstanceOf(Piece.Chunk.class, reader.next());
        for (int i = 0; i < 50; i++) {
            remove(store, accept(store, Mails.bytes(2000, random)).id());
        }
        assertFalse(segments().contains(SegmentFormat.fileName(1)));
        assertInstanceOf(Piece.Chunk.class, reader.next());
        assertEquals(Piece.END, reader.next());
        store.close();
    }

    @Test
    @DisplayName("F-66 below the floor new messages are refused, removals go on")
    void freeSpaceFloor() throws Exception {
        fs.capacity(60_000);
        StoreLimits floor = new StoreLimits(8_000, 25, 30_000, 0);
        SteppedMail store = open(floor);
        List<Envelope> accepted = new ArrayList<>();
        while (store.status().refusal().isEmpty()) {
            accepted.add(accept(store, Mails.bytes(900, random)));
        }
        assertEquals(
                Refused.Reason.NO_SPACE,
                assertInstanceOf(Refused.class, store.create(random)).reason());
        assertTrue(fs.usableSpace() > 20_000);
        accepted.forEach(e -> remove(store, e.id()));
        settle(store);
        assertEquals(0, store.status().messages());
        assertInstanceOf(NewMessage.Opened.class, store.create(random));
        store.close();
    }

    @Test
    @DisplayName("F-66 on a full disk a message is refused cleanly and the store goes on")
    void fullDisk() throws Exception {
        fs.capacity(20_000);
        SteppedMail store = open(LIMITS);
        List<Envelope> accepted = new ArrayList<>();
        List<StoreResult> results = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            byte[] content = Mails.bytes(900, random);
            MsgId id = assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
            store.append(id, Bytes.of(content), _ -> {});
            Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
            store.commit(StoreTx.accept(Mails.commit(id, content), List.of(e)), results::add);
            settle(store);
            if (results.getLast().equals(StoreResult.DONE)) {
                accepted.add(e);
            } else {
                store.rollback(id);
            }
        }
        assertEquals(30, results.size());
        assertTrue(accepted.size() > 5 && accepted.size() < 30, "accepted " + accepted.size());
        assertTrue(store.status().refusal().isEmpty());
        fs.capacity(100_000);
        accepted.add(accept(store, Mails.bytes(900, random)));
        store.close();
        SteppedMail again = open(LIMITS);
        accepted.forEach(e -> assertEquals(new Loaded.Found(e), again.load(e.id())));
        assertEquals(accepted.size(), again.status().messages());
        again.close();
    }

    @Test
    void dumpPrintsEveryRecordAndFindsDamage() throws Exception {
        SteppedMail store = open(LIMITS);
        Envelope e = accept(store, Mails.bytes(100, random));
        StoreTx.StateUpdate update = new StoreTx.StateUpdate(e.id(), Mails.tried(2));
        store.commit(StoreTx.results(List.of(update), List.of()), _ -> {});
        settle(store);
        remove(store, e.id());
        store.close();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(text, true, StandardCharsets.UTF_8);
        assertTrue(new QueueDump(fs, out).run());
        String dump = text.toString(StandardCharsets.UTF_8);
        for (String part :
                List.of(
                        "chunk msgid " + e.msgid() + " number 0 bytes 100",
                        "commit msgid " + e.msgid() + " size 100",
                        "add evpid " + e.id() + " mta sender <sender@example.net>",
                        "update evpid " + e.id() + " retry 2",
                        "remove evpid " + e.id())) {
            assertTrue(dump.contains(part), part + "\n" + dump);
        }
        fs.flipBit(SegmentFormat.path(1), 8L * 80);
        text.reset();
        assertFalse(new QueueDump(fs, out).run());
        assertTrue(text.toString(StandardCharsets.UTF_8).contains("DAMAGED bytes 32 to 176"));
    }
}
