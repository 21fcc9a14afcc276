package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.queue.seal.Roster;
import smtpd.queue.store.RosterTest.Kind;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// The whole of a sealed queue put back to an earlier state, or cut off, while a file elsewhere
/// says how far it came.
class WitnessTest {
    @TempDir private Path folder;
    private final SplittableRandom random = new SplittableRandom(31);
    private final List<StoreNotice> notices = new ArrayList<>();
    private Packing packing = Packings.both();

    private Path spool() throws IOException {
        return Files.createDirectories(folder.resolve("spool"));
    }

    private Path witness() {
        return folder.resolve("witness");
    }

    private SteppedMail open(Kind kind, Path spool) throws IOException {
        notices.clear();
        return open(kind, spool, WitnessFile.open(witness(), kind.name(), notices::add));
    }

    private SteppedMail open(Kind kind, Path spool, Witness witness) throws IOException {
        return new SteppedMail(kind.open(spool), packing, Mails.secret(), witness, notices::add);
    }

    private static void push(SteppedMail store) {
        while (store.step(true) == Stepped.Progress.MORE) {
            // until nothing is left to do
        }
    }

    private Envelope accept(SteppedMail store) {
        MsgId id = assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
        byte[] content = Mails.bytes(50, random);
        store.append(id, Bytes.of(content), _ -> {});
        Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
        store.commit(
                StoreTx.accept(Mails.commit(id, content), List.of(e)),
                result -> assertEquals(StoreResult.DONE, result));
        push(store);
        return e;
    }

    private void run(Kind kind, int mails) throws IOException {
        SteppedMail store = open(kind, spool());
        for (int i = 0; i < mails; i++) {
            accept(store);
        }
        store.close();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList().reversed()) {
                Files.delete(file);
            }
        }
    }

    private void putBack(Path earlier) throws IOException {
        remove(spool());
        copy(earlier, spool());
    }

    private List<String> told(StoreNotice.Severity severity) {
        return notices.stream()
                .filter(it -> it.severity() == severity)
                .map(StoreNotice::text)
                .toList();
    }

    /// Starts, and says how often that alarmed.
    private int alarms(Kind kind) throws IOException {
        open(kind, spool()).close();
        return told(StoreNotice.Severity.ALARM).size();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("F-85 the whole store put back to an earlier state is told, once")
    void earlierStateOfTheWholeIsTold(Kind kind) throws Exception {
        run(kind, 2);
        Path earlier = folder.resolve("earlier");
        copy(spool(), earlier);
        run(kind, 1);
        assertEquals(List.of(), told(StoreNotice.Severity.ALARM));
        Path later = folder.resolve("later");
        copy(spool(), later);
        putBack(earlier);
        assertEquals(1, alarms(kind));
        assertTrue(notices.toString().contains("put back to an earlier state"), notices::toString);
        assertEquals(0, alarms(kind));
        run(kind, 1);
        putBack(later);
        assertEquals(1, alarms(kind), "also what came after the state that was put back");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("F-85 a store that lost its roster, or has another, is told")
    void emptiedOrExchangedStoreIsTold(Kind kind) throws Exception {
        run(kind, 1);
        Path other = folder.resolve("other");
        copy(spool(), other);
        Files.delete(witness());
        remove(spool());
        run(kind, 1);
        remove(spool());
        assertEquals(1, alarms(kind), "emptied");
        assertEquals(0, alarms(kind));
        run(kind, 3);
        putBack(other);
        assertEquals(1, alarms(kind), "another");
        assertEquals(0, alarms(kind));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("what was not seen of a run that was killed is no alarm, nor is an old witness")
    void lateWitnessIsSilent(Kind kind) throws Exception {
        run(kind, 1);
        byte[] old = Files.readAllBytes(witness());
        SteppedMail store = open(kind, spool());
        Envelope gone = accept(store);
        accept(store);
        store.commit(StoreTx.results(List.of(), List.of(gone.id())), _ -> {});
        push(store);
        Path killed = folder.resolve("killed");
        copy(spool(), killed);
        store.close();
        Files.write(witness(), old);
        SteppedMail again = open(kind, killed);
        accept(again);
        again.close();
        assertEquals(List.of(), notices);
        Files.write(witness(), old);
        open(kind, killed).close();
        assertEquals(List.of(), notices);
    }

    @Test
    @DisplayName("F-85 an end cut off is told; without a witness it looks like an unfinished write")
    void endCutOffIsTold() throws Exception {
        for (int bytes : new int[] {20, 700}) {
            run(Kind.SEGMENT, 3);
            Path segment = lastSegment();
            try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
                file.truncate(file.size() - bytes);
            }
            Path cut = folder.resolve("cut" + bytes);
            copy(spool(), cut);
            assertEquals(1, alarms(Kind.SEGMENT));
            notices.clear();
            open(Kind.SEGMENT, cut, Witness.NONE).close();
            assertEquals(List.of(), told(StoreNotice.Severity.ALARM));
        }
    }

    private Path lastSegment() throws IOException {
        try (Stream<Path> files = Files.list(spool().resolve("queue"))) {
            return files.filter(it -> it.toString().endsWith(".seg"))
                    .max(Path::compareTo)
                    .orElseThrow();
        }
    }

    @Test
    @DisplayName("F-85 a database whose log of changes was damaged is told")
    void damagedLogOfADatabaseIsTold() throws Exception {
        run(Kind.DATABASE, 1);
        SteppedMail store = open(Kind.DATABASE, spool());
        accept(store);
        accept(store);
        Path killed = folder.resolve("killed");
        copy(spool(), killed);
        store.close();
        Path log = killed.resolve(SqliteQueue.FILE + "-wal");
        byte[] bytes = Files.readAllBytes(log);
        bytes[bytes.length * 2 / 3] ^= 1;
        Files.write(log, bytes);
        open(Kind.DATABASE, killed).close();
        assertEquals(1, told(StoreNotice.Severity.ALARM).size(), notices::toString);
        open(Kind.DATABASE, killed).close();
        assertEquals(List.of(), notices);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("keys that are taken away and given again make no alarm, nor does another store")
    void whatTheOperatorDoesIsSilent(Kind kind) throws Exception {
        SteppedMail store = open(kind, spool());
        EvpId id = accept(store).id();
        store.commit(StoreTx.results(List.of(), List.of(id)), _ -> {});
        push(store);
        store.close();
        packing = Packing.NONE;
        run(kind, 1);
        packing = Packings.both();
        run(kind, 1);
        assertEquals(List.of(), told(StoreNotice.Severity.ALARM));
        assertEquals(1, told(StoreNotice.Severity.INFO).size(), notices::toString);
        remove(spool());
        Kind next = kind == Kind.FILES ? Kind.SEGMENT : Kind.FILES;
        run(next, 1);
        assertEquals(List.of(), told(StoreNotice.Severity.ALARM));
        assertEquals(1, told(StoreNotice.Severity.WARN).size(), notices::toString);
        assertEquals(0, alarms(next));
        assertEquals(List.of(), notices);
    }

    @Test
    void damagedOrMissingWitnessIsWarnedOfAndBegun() throws Exception {
        run(Kind.SEGMENT, 1);
        assertEquals(1, told(StoreNotice.Severity.INFO).size(), notices::toString);
        Path earlier = folder.resolve("earlier");
        copy(spool(), earlier);
        for (boolean missing : new boolean[] {false, true}) {
            if (missing) {
                Files.delete(witness());
            } else {
                Files.write(witness(), new byte[WitnessFile.SIZE]);
            }
            run(Kind.SEGMENT, 1);
            assertEquals(1, notices.size(), notices::toString);
            assertTrue(
                    told(StoreNotice.Severity.WARN).getFirst().contains("cannot be told this time"),
                    notices::toString);
        }
        putBack(earlier);
        assertEquals(1, alarms(Kind.SEGMENT));
    }

    @Test
    @DisplayName("a change that nobody was told of raises no number")
    void onlyWhatWasAnsweredIsSeen() throws Exception {
        SteppedMail store = open(Kind.SEGMENT, spool());
        push(store);
        SeenWitness witness = new SeenWitness();
        store.close();
        store = open(Kind.SEGMENT, spool(), witness);
        push(store);
        long before = number(witness);
        EvpId id = accept(store).id();
        assertEquals(before + 1, number(witness));
        store.commit(
                new StoreTx(
                        Optional.empty(),
                        List.of(Mails.envelope(id, "b@example.org")),
                        List.of(),
                        List.of()),
                result -> assertInstanceOf(Refused.class, result));
        push(store);
        // the refused one took a number, and the next took along what is so
        assertEquals(before + 3, number(witness));
        store.close();
    }

    private static long number(Witness witness) {
        return assertInstanceOf(Witness.Seen.Latest.class, witness.seen()).number();
    }

    @Test
    void numbersOfARunAreNotUsedAgain() {
        Roster roster = Roster.empty(Mails.secret());
        roster.rise(0);
        assertEquals("1.0", Roster.text(roster.number()));
        roster.seal(Packings.key(1), Mails.secret());
        Roster next = roster.emptied();
        next.rise(0);
        assertEquals("2.0", Roster.text(next.number()));
        next.rise(roster.number() + (5L << 32));
        assertEquals("7.0", Roster.text(next.number()));
        assertEquals(roster.id(), next.id());
        assertTrue(!roster.id().equals(Roster.empty(Mails.secret()).id()));
    }

    @Test
    void filesAreSlotsInTurn() throws Exception {
        WitnessFile file = WitnessFile.open(witness(), "fs", notices::add);
        assertInstanceOf(Witness.Seen.New.class, file.seen());
        Bytes roster = Bytes.of("0123456789abcdef");
        file.begin(roster);
        for (long number = 1; number <= 3; number++) {
            file.saw(number);
            file.write();
            byte[] bytes = Files.readAllBytes(witness());
            for (int at : new int[] {0, WitnessFile.SLOT}) {
                for (int i = 0; i < WitnessFile.USED; i++) {
                    Path torn = folder.resolve("torn");
                    byte[] flipped = bytes.clone();
                    flipped[at + i] ^= 4;
                    Files.write(torn, flipped);
                    WitnessFile read = WitnessFile.open(torn, "fs", notices::add);
                    var seen = assertInstanceOf(Witness.Seen.Latest.class, read.seen());
                    assertEquals(roster, seen.roster());
                    assertEquals("fs", seen.store());
                    boolean latest = at == (number % 2 == 0 ? 0 : WitnessFile.SLOT);
                    assertEquals(latest ? number - 1 : number, seen.number());
                    read.close();
                }
            }
        }
        file.close();
        assertEquals(List.of(), notices);
    }

    @Test
    @DisplayName("another roster is in both slots before it is in the store")
    void noSlotKeepsARosterThatIsGone() throws Exception {
        WitnessFile file = WitnessFile.open(witness(), "fs", notices::add);
        file.begin(Bytes.of("0123456789abcdef"));
        file.saw(7);
        file.write();
        file.begin(Bytes.of("fedcba9876543210"));
        String text = Files.readString(witness(), StandardCharsets.ISO_8859_1);
        assertTrue(!text.contains("0123456789abcdef"));
        file.close();
        WitnessFile read = WitnessFile.open(witness(), "fs", notices::add);
        assertEquals(0, number(read));
        read.close();
    }

    @Test
    void otherFilesAndLaterVersionsAreRefusedAndStay() throws Exception {
        byte[] conf = "listen on localhost\n".getBytes(StandardCharsets.US_ASCII);
        byte[] large = new byte[WitnessFile.SIZE + 1];
        for (byte[] bytes : List.of(conf, large, later())) {
            Files.write(witness(), bytes);
            SpoolRefusedException e = refused();
            assertTrue(String.valueOf(e.getMessage()).contains(witness().toString()), e::toString);
            assertEquals(Bytes.of(bytes), Bytes.of(Files.readAllBytes(witness())));
        }
    }

    private SpoolRefusedException refused() {
        return assertThrows(
                SpoolRefusedException.class, () -> WitnessFile.open(witness(), "fs", notices::add));
    }

    /// A slot of version 2.
    private static byte[] later() {
        byte[] bytes = new byte[WitnessFile.SIZE];
        ByteBuffer slot = ByteBuffer.wrap(bytes, 0, WitnessFile.USED).slice();
        slot.put("smtpdwit".getBytes(StandardCharsets.US_ASCII)).putInt(2);
        CRC32C crc = new CRC32C();
        crc.update(slot.slice(0, WitnessFile.USED - 4));
        slot.putInt(WitnessFile.USED - 4, (int) crc.getValue());
        return bytes;
    }

    @Test
    void whatCannotBeOpenedIsRefusedClearly() {
        IOException e =
                assertThrows(
                        IOException.class,
                        () -> WitnessFile.open(folder.resolve("no/where"), "fs", notices::add));
        assertTrue(String.valueOf(e.getMessage()).contains("no/where"), e::toString);
    }

    @Test
    @DisplayName("F-66 a witness that cannot be written: a refusal at start, later one warning")
    void whatCannotBeWrittenIsTold() throws Exception {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full), "needs /dev/full");
        WitnessFile file = WitnessFile.open(full, "fs", notices::add);
        IOException e =
                assertThrows(IOException.class, () -> file.begin(Bytes.of("0123456789abcdef")));
        assertTrue(String.valueOf(e.getMessage()).contains("/dev/full"), e::toString);
        for (int number = 1; number < 4; number++) {
            file.saw(number);
            file.write();
            assertTrue(file.isBehind());
        }
        assertEquals(1, notices.size());
        assertTrue(notices.getFirst().text().contains("/dev/full cannot be written"));
        file.close();
    }

    @Test
    void theWriterWritesWhatIsSeenAndTheEnd() throws Exception {
        WitnessFile file = WitnessFile.open(witness(), "fs", notices::add);
        file.begin(Bytes.of("0123456789abcdef"));
        WitnessWriter.start(file);
        file.saw(3);
        long patience = System.nanoTime() + 20_000_000_000L;
        while (file.isBehind() && System.nanoTime() < patience) {
            Thread.onSpinWait();
        }
        assertEquals(3, written());
        file.saw(4);
        file.saw(5);
        file.close();
        assertEquals(5, written());
    }

    private long written() throws IOException {
        WitnessFile read = WitnessFile.open(witness(), "fs", notices::add);
        read.close();
        return number(read);
    }
}
