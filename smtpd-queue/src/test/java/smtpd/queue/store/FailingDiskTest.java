package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static smtpd.queue.store.FailingCalls.Call.CLOSE;
import static smtpd.queue.store.FailingCalls.Call.OPEN;
import static smtpd.queue.store.FailingCalls.Call.RENAME;
import static smtpd.queue.store.FailingCalls.Call.SYNC;
import static smtpd.queue.store.FailingCalls.Call.WRITE;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import smtpd.core.fs.DiskFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MsgId;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Each store on a real disk whose calls fail for a while: what is answered, whether the store goes
/// on, and what is found afterwards.
class FailingDiskTest {
    /// So small that every message begins a segment.
    private static final StoreLimits SMALL = new StoreLimits(4_000, 25, 0, 0);

    private static final int SIZE = 9_000;

    /// A store on disk.
    enum Backend {
        SEGMENT,
        FS,
        SQLITE
    }

    @TempDir private Path folder;
    private final SplittableRandom random = new SplittableRandom(5);
    private final List<StoreNotice> notices = new ArrayList<>();
    private final List<Mail> accepted = new ArrayList<>();

    private record Mail(MsgId id, Envelope envelope, Bytes content) {}

    private SteppedMail open(Backend backend) throws Exception {
        DiskFs fs = new DiskFs(folder);
        BatchStore<?> records =
                switch (backend) {
                    case SEGMENT -> SegmentStore.open(fs, SMALL, notices::add);
                    case FS -> FsStore.open(fs, SMALL, notices::add);
                    case SQLITE -> SqliteStore.open(fs, folder, SMALL, notices::add);
                };
        return new SteppedMail(records, Packing.NONE, notices::add);
    }

    /// Begins a message, brings its content and asks for it to be made durable.
    private StoreResult offer(SteppedMail store, int size) {
        NewMessage created = store.create(random);
        if (created instanceof Refused refused) {
            return refused;
        }
        MsgId id = assertInstanceOf(NewMessage.Opened.class, created).id();
        byte[] content = Mails.bytes(size, random);
        List<StoreResult> results = new ArrayList<>();
        List<Bytes> chunks = Mails.chunks(content, Store.CHUNK_MAX);
        for (Bytes chunk : chunks) {
            store.append(id, chunk, results::add);
        }
        Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
        store.commit(StoreTx.accept(Mails.commit(id, content), List.of(e)), results::add);
        step(store);
        assertEquals(chunks.size() + 1, results.size(), "each is answered");
        StoreResult result = results.getLast();
        if (result instanceof Refused) {
            store.rollback(id);
            step(store);
        } else {
            accepted.add(new Mail(id, e, Bytes.of(content)));
        }
        return results.stream().filter(Refused.class::isInstance).findFirst().orElse(result);
    }

    private static void step(SteppedMail store) {
        while (store.step(true) == Stepped.Progress.MORE) {
            // more
        }
    }

    private StoreResult during(SteppedMail store, int errno, FailingCalls.Call... calls)
            throws Exception {
        List<StoreResult> result = new ArrayList<>();
        FailingCalls.apart(() -> {
            FailingCalls.fail(errno, List.of(calls));
            result.add(offer(store, SIZE));
        });
        return result.getFirst();
    }

    /// What was accepted is there and whole; nothing is left of the rest.
    private void check(Backend backend) throws Exception {
        SteppedMail store = open(backend);
        for (Mail mail : accepted) {
            assertEquals(new Loaded.Found(mail.envelope()), store.load(mail.envelope().id()));
            assertArrayEquals(
                    mail.content().toByteArray(), Mails.read(store, mail.id()).orElseThrow());
        }
        assertTrue(store.status().refusal().isEmpty());
        store.close();
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> left =
                    files.filter(it -> it.toString().endsWith(FsFiles.UNFINISHED)).toList();
            assertEquals(List.of(), left);
        }
    }

    private void goesOn(
            Backend backend, Refused.Reason reason, int errno, FailingCalls.Call... calls)
            throws Exception {
        SteppedMail store = open(backend);
        assertEquals(StoreResult.DONE, offer(store, SIZE));
        StoreResult result = during(store, errno, calls);
        if (result instanceof Refused refused) {
            assertEquals(reason, refused.reason(), refused::text);
        }
        step(store);
        assertEquals(StoreResult.DONE, offer(store, SIZE));
        assertTrue(store.status().refusal().isEmpty());
        store.close();
        check(backend);
    }

    private void latches(Backend backend, int errno, FailingCalls.Call... calls) throws Exception {
        SteppedMail store = open(backend);
        assertEquals(StoreResult.DONE, offer(store, SIZE));
        Refused refused = assertInstanceOf(Refused.class, during(store, errno, calls));
        assertEquals(Refused.Reason.FAILED, refused.reason(), refused::text);
        assertTrue(
                notices.stream().anyMatch(n -> n.severity() == StoreNotice.Severity.ALARM),
                notices::toString);
        // the disk is well again, and is not asked
        refused = assertInstanceOf(Refused.class, offer(store, SIZE));
        assertEquals(Refused.Reason.FAILED, refused.reason(), refused::text);
        store.close();
        check(backend);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("F-66 no space for a write: refused, and the next is taken")
    void fullAtWrite(Backend backend) throws Exception {
        goesOn(backend, Refused.Reason.NO_SPACE, FailingCalls.ENOSPC, WRITE);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("F-66 no inode for a file, no room for its name: refused, and the next is taken")
    void fullAtNames(Backend backend) throws Exception {
        goesOn(backend, Refused.Reason.NO_SPACE, FailingCalls.ENOSPC, OPEN, RENAME);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("F-66 no space at a sync: nothing is confirmed from then on")
    void fullAtSync(Backend backend) throws Exception {
        latches(backend, FailingCalls.ENOSPC, SYNC);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("F-67 a sync fails: nothing is confirmed from then on, and there is an alarm")
    void failingSync(Backend backend) throws Exception {
        latches(backend, FailingCalls.EIO, SYNC);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("F-67 a write fails: nothing is confirmed from then on, and there is an alarm")
    void failingWrite(Backend backend) throws Exception {
        latches(backend, FailingCalls.EIO, WRITE);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("F-68 a disk that became read-only: nothing is confirmed from then on")
    void readOnly(Backend backend) throws Exception {
        latches(backend, FailingCalls.EROFS, WRITE, OPEN, RENAME);
    }

    @ParameterizedTest
    @EnumSource(names = {"SEGMENT", "FS"})
    @DisplayName("F-68 a quota used up: refused, and the next is taken")
    void quota(Backend backend) throws Exception {
        goesOn(backend, Refused.Reason.NO_SPACE, FailingCalls.EDQUOT, WRITE);
    }

    @Test
    @DisplayName("F-68 a quota used up: a database does not say so, nothing is confirmed any more")
    void quotaOfDatabase() throws Exception {
        latches(Backend.SQLITE, FailingCalls.EDQUOT, WRITE);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("F-68 no descriptor left: refused for now, and the next is taken")
    void noDescriptors(Backend backend) throws Exception {
        goesOn(backend, Refused.Reason.BUSY, FailingCalls.EMFILE, OPEN);
        goesOn(backend, Refused.Reason.BUSY, FailingCalls.ENFILE, OPEN);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("F-68 no descriptor left to read with: not now, and nothing is held")
    void noDescriptorToRead(Backend backend) throws Exception {
        SteppedMail store = open(backend);
        offer(store, SIZE);
        Mail mail = accepted.getFirst();
        // a class is a file, too
        new NoContent(0, new Refused(Refused.Reason.FAILED, "not now")).close();
        FailingCalls.apart(() -> {
            FailingCalls.fail(FailingCalls.EMFILE, List.of(OPEN));
            try (Content content = store.content(mail.id()).orElseThrow()) {
                if (content.next() instanceof Refused refused) {
                    assertEquals(Refused.Reason.FAILED, refused.reason());
                }
            }
        });
        assertEquals(0, store.status().damaged());
        store.close();
        check(backend);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("F-66 no space at close: nothing that was confirmed is lost")
    void fullAtClose(Backend backend) throws Exception {
        SteppedMail store = open(backend);
        offer(store, SIZE);
        during(store, FailingCalls.ENOSPC, CLOSE);
        store.close();
        check(backend);
    }

    @Test
    @DisplayName("F-66 no space to tidy a database: what was made is not made again")
    void fullAtCheckpoint() throws Exception {
        SteppedMail store = open(Backend.SQLITE);
        offer(store, SIZE);
        FailingCalls.apart(() -> {
            FailingCalls.fail(
                    FailingCalls.ENOSPC, List.of(WRITE), folder.resolve(SqliteQueue.FILE));
            for (int i = 0; i < 3; i++) {
                assertEquals(StoreResult.DONE, offer(store, 3_000_000));
            }
        });
        assertEquals(StoreResult.DONE, offer(store, 5_000_000));
        store.close();
        check(Backend.SQLITE);
    }
}
