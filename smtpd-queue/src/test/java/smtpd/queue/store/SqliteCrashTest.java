package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.fs.DiskFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// What a power cut leaves of a database: of what was written behind the last sync, any sectors, in
/// any order. The files are taken after each answer, and mixed sector by sector with those taken
/// after the next.
class SqliteCrashTest {
    private static final int MAILS = 12;
    private static final int MIXES = 4;
    private static final int SECTOR = 512;

    @TempDir private Path folder;
    private final SplittableRandom random = new SplittableRandom(6);
    private final List<Envelope> mails = new ArrayList<>();
    private final List<byte[]> contents = new ArrayList<>();

    /// The database and its log, as they were at one moment.
    private record Moment(Bytes database, Bytes log) {}

    private static Moment take(Path spool) throws IOException {
        Path log = spool.resolve(SqliteQueue.FILE + "-wal");
        return new Moment(
                Bytes.of(Files.readAllBytes(spool.resolve(SqliteQueue.FILE))),
                Files.exists(log) ? Bytes.of(Files.readAllBytes(log)) : Bytes.EMPTY);
    }

    private SteppedMail open(Path spool) throws Exception {
        Files.createDirectories(spool);
        return new SteppedMail(
                SqliteStore.open(new DiskFs(spool), spool, Packings.NO_FLOOR, _ -> {}),
                Packings.sealed(),
                _ -> {});
    }

    private void accept(SteppedMail store) {
        byte[] content = Mails.bytes(3000, random);
        MsgId id = assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
        store.append(id, Bytes.of(content), _ -> {});
        Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
        List<StoreResult> results = new ArrayList<>();
        store.commit(StoreTx.accept(Mails.commit(id, content), List.of(e)), results::add);
        store.step(true);
        assertEquals(List.of(StoreResult.DONE), results);
        mails.add(e);
        contents.add(content);
    }

    private byte[] mix(byte[] before, byte[] after) {
        byte[] mixed = Arrays.copyOf(before, random.nextBoolean() ? before.length : after.length);
        for (int at = 0; at < mixed.length; at += SECTOR) {
            if (random.nextBoolean()) {
                int length = Math.min(SECTOR, Math.min(mixed.length, after.length) - at);
                System.arraycopy(after, at, mixed, at, Math.max(0, length));
            }
        }
        return mixed;
    }

    @Test
    @DisplayName("F-70 power cut between syncs of a database: every acknowledged commit is whole")
    void acknowledgedMailSurvives() throws Exception {
        Path spool = folder.resolve("spool");
        List<Moment> moments = new ArrayList<>();
        SteppedMail store = open(spool);
        for (int i = 0; i < MAILS; i++) {
            accept(store);
            moments.add(take(spool));
        }
        store.close();
        for (int i = 0; i + 1 < MAILS; i++) {
            for (int n = 0; n < MIXES; n++) {
                Path cut = folder.resolve("cut-" + i + "-" + n);
                Files.createDirectories(cut);
                Moment before = moments.get(i);
                Moment after = moments.get(i + 1);
                Files.write(cut.resolve(SqliteQueue.FILE), before.database().toByteArray());
                Files.write(
                        cut.resolve(SqliteQueue.FILE + "-wal"),
                        mix(before.log().toByteArray(), after.log().toByteArray()));
                check(cut, i);
            }
        }
    }

    private void check(Path spool, int last) throws Exception {
        SteppedMail store = open(spool);
        for (int i = 0; i <= last; i++) {
            assertEquals(new Loaded.Found(mails.get(i)), store.load(mails.get(i).id()));
            assertArrayEquals(
                    contents.get(i), Mails.read(store, mails.get(i).msgid()).orElseThrow());
        }
        Envelope next = mails.get(last + 1);
        switch (store.load(next.id())) {
            case Loaded.Found(Envelope found) -> {
                assertEquals(next, found);
                assertArrayEquals(
                        contents.get(last + 1), Mails.read(store, next.msgid()).orElseThrow());
            }
            case Loaded.Absent _ -> assertTrue(store.content(next.msgid()).isEmpty());
            case Refused refused -> throw new AssertionError(refused.text());
        }
        store.close();
    }
}
