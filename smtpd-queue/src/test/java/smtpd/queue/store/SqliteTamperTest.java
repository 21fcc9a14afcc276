package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.fs.DiskFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// A sealed database that somebody changed, byte by byte: nothing is lost in silence, nothing wrong
/// is served, and what is whole is.
class SqliteTamperTest {
    /// `SMTPD_TAMPER_STEP` 1 takes every byte, which takes longer than the suite has.
    private static final int STEP =
            Integer.parseInt(System.getenv().getOrDefault("SMTPD_TAMPER_STEP", "97"));

    private static final int HEADER = 100;

    @TempDir private Path folder;
    private final SplittableRandom random = new SplittableRandom(8);
    private final List<Envelope> mails = new ArrayList<>();
    private final List<byte[]> contents = new ArrayList<>();
    private final List<StoreNotice> notices = new ArrayList<>();

    private SteppedMail open(Path spool) throws IOException {
        return new SteppedMail(
                SqliteStore.open(new DiskFs(spool), spool, Packings.NO_FLOOR, notices::add),
                Packings.both(),
                notices::add);
    }

    private Path spool(int messages, int bytes) throws IOException {
        Path spool = Files.createDirectory(folder.resolve("spool"));
        SteppedMail store = open(spool);
        for (int i = 0; i < messages; i++) {
            byte[] content = Mails.bytes(bytes, random);
            MsgId id = assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
            store.append(id, Bytes.of(content), _ -> {});
            Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
            store.commit(StoreTx.accept(Mails.commit(id, content), List.of(e)), _ -> {});
            store.step(true);
            mails.add(e);
            contents.add(content);
        }
        store.close();
        assertEquals(List.of(), notices);
        return spool;
    }

    private Path changed(byte[] database, int at, int xor) throws IOException {
        Path spool = folder.resolve("at-" + at);
        Files.createDirectories(spool);
        byte[] bytes = database.clone();
        bytes[at] ^= (byte) xor;
        Files.write(spool.resolve(SqliteQueue.FILE), bytes);
        notices.clear();
        return spool;
    }

    /// How many are served; what is not as it was must not be.
    private int served(SteppedMail store) {
        int whole = 0;
        for (int i = 0; i < mails.size(); i++) {
            whole += Mails.served(store, mails.get(i), contents.get(i)) ? 1 : 0;
        }
        return whole;
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS) // every byte may take half an hour
    @DisplayName("F-71 each byte of a sealed database changed: nothing is lost in silence")
    void everyByteOfADatabase() throws Exception {
        byte[] database = Files.readAllBytes(spool(3, 60).resolve(SqliteQueue.FILE));
        // every byte of the header, whatever the step
        for (int at = 0; at < database.length; at += at < HEADER ? 1 : STEP) {
            Path spool = changed(database, at, 1 << at % 8);
            SteppedMail store;
            try {
                store = open(spool);
            } catch (SpoolRefusedException _) {
                continue; // a version or key that is not known: nothing is touched
            }
            int walked = StoreContract.all(store.walk()).size();
            int whole = served(store);
            assertTrue(
                    (whole == mails.size() && walked == whole) || !notices.isEmpty(),
                    "at " + at + ": " + whole + " served in silence");
            assertTrue(store.status().refusal().isEmpty());
            store.close();
            remove(spool);
        }
    }

    @Test
    @DisplayName("F-71 a damaged page costs what is in it, and the damaged database is kept")
    void damagedPageCostsWhatIsInIt() throws Exception {
        int messages = 60;
        byte[] database = Files.readAllBytes(spool(messages, 900).resolve(SqliteQueue.FILE));
        for (int page = 0; page < database.length / 4096; page++) {
            Path spool = changed(database, 4096 * page + 1, 0xff);
            SteppedMail store = open(spool);
            assertFalse(notices.isEmpty() && page < 9, "page " + page);
            int whole = served(store);
            assertTrue(
                    whole == messages || (!notices.isEmpty() && whole >= messages / 2),
                    "page " + page + ": " + whole + " " + notices);
            store.close();
            int told = notices.size();
            notices.clear();
            open(spool).close();
            assertTrue(notices.size() < told || told == 0, "told again: " + notices);
            remove(spool);
        }
    }

    private static void remove(Path spool) throws IOException {
        try (var files = Files.walk(spool)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
