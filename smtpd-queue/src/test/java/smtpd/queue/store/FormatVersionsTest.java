package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.fs.SpoolFile;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.testkit.fs.SimFs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/// Spools that another version of this program wrote: those of the one before are read, those of a
/// later one are refused by name and not touched.
class FormatVersionsTest {
    private static final StoreLimits LIMITS = new StoreLimits(8_000, 25, 0, 0);
    private static final EvpId TRIED = new EvpId(0x312673ec1b9842b7L);
    private static final EvpId NEW = new EvpId(0x82f92c4dbdfcb095L);
    private static final EvpId REMOVED = new EvpId(0xd388d38187c492b5L);

    private final SimFs fs = new SimFs(5);
    private final SplittableRandom random = new SplittableRandom(6);
    private final List<StoreNotice> notices = new ArrayList<>();

    private static byte[] versionOne() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        FormatVersionsTest.class.getResourceAsStream("segment-version-1.hex"))) {
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(hex.replace("\n", ""));
        }
    }

    private SteppedMail segments() throws Exception {
        return SteppedMail.segment(fs, LIMITS, notices::add);
    }

    private SteppedMail files() throws Exception {
        return new SteppedMail(FsStore.open(fs, LIMITS, notices::add), Packing.NONE, notices::add);
    }

    private void put(String name, byte[] bytes) throws IOException {
        fs.makeDir(name.substring(0, name.lastIndexOf('/')));
        if (fs.names().contains(name)) {
            fs.unlink(name);
        }
        try (SpoolFile file = fs.create(name)) {
            file.write(0, ByteBuffer.wrap(bytes));
        }
    }

    private String text(String name) throws IOException {
        try (SpoolFile file = fs.openForReading(name)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(0, bytes);
            return new String(bytes.array(), StandardCharsets.ISO_8859_1);
        }
    }

    private Envelope accept(SteppedMail store) {
        MsgId id = assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
        byte[] content = Mails.bytes(100, random);
        store.append(id, Bytes.of(content), _ -> {});
        Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "b@example.org");
        List<StoreResult> results = new ArrayList<>();
        store.commit(StoreTx.accept(Mails.commit(id, content), List.of(e)), results::add);
        while (store.step(true) == Stepped.Progress.MORE) {
            // until it is done
        }
        assertEquals(List.of(StoreResult.DONE), results);
        return e;
    }

    @Test
    @DisplayName("F-80 a segment as version 1 wrote it is read, delivered from and written behind")
    void segmentsOfVersionOne() throws Exception {
        put(SegmentFormat.path(1), versionOne());
        SteppedMail store = segments();
        Envelope tried = Mails.envelope(TRIED, "a@example.org").with(Mails.tried(3));
        Envelope fresh = Mails.envelope(NEW, "a@example.org");
        assertEquals(Set.of(tried, fresh), Set.copyOf(StoreContract.all(store.walk())));
        assertEquals(Loaded.ABSENT, store.load(REMOVED));
        assertEquals(
                "Subject: letter 0\r\n\r\nwritten by version 1\r\n",
                new String(
                        Mails.read(store, TRIED.msgid()).orElseThrow(), StandardCharsets.US_ASCII));
        Envelope more = accept(store);
        store.close();
        store = segments();
        assertEquals(Set.of(tried, fresh, more), Set.copyOf(StoreContract.all(store.walk())));
        store.close();
        assertEquals(List.of(), notices);
    }

    private void refused(String name, UnaryOperator<String> change, String words) throws Exception {
        SteppedMail store = files();
        accept(store);
        store.close();
        String file = fs.names().stream().filter(it -> it.endsWith(name)).findFirst().orElse(name);
        put(
                file,
                change.apply(fs.names().contains(file) ? text(file) : "")
                        .getBytes(StandardCharsets.ISO_8859_1));
        String before = text(file);
        long used = fs.used();
        SpoolRefusedException e = assertThrows(SpoolRefusedException.class, this::files);
        String said = String.valueOf(e.getMessage());
        assertTrue(said.contains(file) && said.contains(words), said);
        assertEquals(before, text(file));
        assertEquals(used, fs.used());
    }

    @Test
    @DisplayName("F-80 files of a later version are refused, by the file that says so")
    void laterFiles() throws Exception {
        refused(FsFiles.FORMAT, _ -> summed("smtpd-files 2\n"), "smtpd-files 2");
    }

    @Test
    @DisplayName("F-71 a damaged word about the version is written anew")
    void damagedFormat() throws Exception {
        SteppedMail store = files();
        Envelope e = accept(store);
        store.close();
        String right = text(FsFiles.FORMAT);
        for (int bit = 0; bit < 8 * right.length(); bit++) {
            fs.flipBit(FsFiles.FORMAT, bit);
            store = files();
            assertEquals(List.of(e), StoreContract.all(store.walk()));
            store.close();
            assertEquals(right, text(FsFiles.FORMAT));
        }
    }

    private static String summed(String text) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        return text + HexFormat.of().toHexDigits(SegmentFormat.crc(bytes)) + "\n";
    }

    @Test
    @DisplayName("F-80 a message of a later version is refused")
    void laterMessage() throws Exception {
        refused(
                FsFiles.MESSAGE,
                text ->
                        summed(
                                text.substring(0, text.length() - 9)
                                        .replace("smtpd-message 1", "smtpd-message 2")),
                "smtpd-message 2");
    }

    @Test
    @DisplayName("F-80 a journal of a later version is refused, not put aside")
    void laterJournal() throws Exception {
        ByteBuffer journal = ByteBuffer.allocate(20);
        journal.put("smtpdjrn".getBytes(StandardCharsets.US_ASCII)).putInt(2).putInt(0);
        journal.putInt(SegmentFormat.crc(journal.slice(0, 16)));
        refused(
                FsFiles.JOURNAL,
                _ -> new String(journal.array(), StandardCharsets.ISO_8859_1),
                "version 2");
    }

    @Test
    @DisplayName("F-80 an envelope of a later version is named as such, and left where it is")
    void laterEnvelope() throws Exception {
        SteppedMail store = files();
        Envelope e = accept(store);
        store.close();
        // the last changes are in the journal, too, which a start makes again
        files().close();
        String file = FsFiles.envelope(e.id());
        put(
                file,
                text(file)
                        .replace("smtpd-envelope 1", "smtpd-envelope 2")
                        .getBytes(StandardCharsets.ISO_8859_1));
        store = files();
        Refused refused = assertInstanceOf(Refused.class, store.load(e.id()));
        assertEquals(Refused.Reason.DAMAGED, refused.reason());
        assertTrue(refused.text().contains("smtpd-envelope 2"), refused.text());
        assertTrue(text(file).startsWith("smtpd-envelope 2 "));
        store.close();
    }

    @Test
    @DisplayName("F-80 files from before they said their version are read")
    void filesWithoutVersion() throws Exception {
        SteppedMail store = files();
        Envelope e = accept(store);
        store.close();
        fs.unlink(FsFiles.FORMAT);
        store = files();
        assertEquals(List.of(e), StoreContract.all(store.walk()));
        store.close();
    }
}
