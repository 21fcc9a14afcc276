package smtpd.mda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.MailAddr;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

final class MboxTest {
    private static final String ONE =
            """
            From sender@example.org Thu Mar  5 10:20:30 2026
            Return-Path: <sender@example.org>
            Subject: hello

            first
            .second

            """;
    private static final String TOP = "Return-Path: <sender@example.org>\r\n";

    @TempDir private Path directory;
    private final TestDisk disk = new TestDisk();
    private UserRecord user = Samples.USER;
    private Mbox mbox = mbox(0, InstantSource.fixed(Samples.NOW));

    @BeforeEach
    void asMyself() throws IOException {
        int uid = (Integer) Files.getAttribute(directory, "unix:uid");
        user = new UserRecord("gilles", uid, uid, "/home/gilles");
        mbox = mbox(uid, InstantSource.fixed(Samples.NOW));
    }

    private Mbox mbox(int uid, InstantSource clock) {
        return new Mbox(new AsCaller(uid), disk, clock, ZoneOffset.UTC);
    }

    private Path mailbox() {
        return directory.resolve("gilles");
    }

    private static Mbox.Entry entry(MailAddr sender, String text) throws IOException {
        return new Mbox.Entry(sender, sender.isNull() ? "" : TOP, Samples.letter(text));
    }

    private void deliver() throws IOException {
        mbox.deliver(user, directory, entry(MailAddr.of("sender@example.org"), Samples.MESSAGE));
    }

    private Verdict refusal() {
        return DeliveryFailure.verdict(assertThrows(IOException.class, this::deliver));
    }

    @Test
    void aMissingMailboxIsMadeForTheUserAlone() throws IOException {
        deliver();
        deliver();
        assertEquals(ONE + ONE, Files.readString(mailbox()));
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(mailbox())));
        assertFalse(Files.exists(directory.resolve("gilles.lock")));
    }

    @Test
    @DisplayName("F-86: a message of the null sender is from MAILER-DAEMON")
    void nullSender() throws IOException {
        mbox.deliver(user, directory, entry(MailAddr.NULL, "Subject: x\r\n\r\n"));
        assertEquals(
                "From MAILER-DAEMON Thu Mar  5 10:20:30 2026\nSubject: x\n\n\n",
                Files.readString(mailbox()));
    }

    @Test
    void whatACrashLeftInTheMiddleOfALineIsEnded() throws IOException {
        Files.writeString(mailbox(), "From x Thu\nhalf a li");
        deliver();
        assertEquals("From x Thu\nhalf a li\n" + ONE, Files.readString(mailbox()));
    }

    @Test
    @DisplayName("F-64: what a failed attempt wrote is cut off again")
    void cutBack() throws IOException {
        deliver();
        disk.fail("sync", "No space left on device");
        assertEquals("4.3.1", refusal().status().toString());
        assertEquals(ONE, Files.readString(mailbox()));
        assertFalse(Files.exists(directory.resolve("gilles.lock")));
    }

    @Test
    void contentThatBreaksOffLeavesNothing() throws IOException {
        Letter letter = Letter.read(Samples.broken("Subject: x\r\n\r\n", "half"));
        Mbox.Entry entry = new Mbox.Entry(MailAddr.NULL, "", letter);
        assertThrows(IOException.class, () -> mbox.deliver(user, directory, entry));
        assertEquals("", Files.readString(mailbox()));
    }

    @Test
    @DisplayName("F-64: a mailbox that is a link or has a second name is refused for now")
    void linkedMailbox() throws IOException {
        Path other = Files.createFile(directory.resolve("other"));
        Files.createSymbolicLink(mailbox(), other);
        assertTrue(refusal().text().contains("symbolic link"));
        Files.delete(mailbox());
        Files.createLink(mailbox(), other);
        assertTrue(refusal().text().contains("more than one name"));
        Files.delete(mailbox());
        Files.createDirectory(mailbox());
        assertTrue(refusal().text().contains("not a regular file"));
        assertEquals("", Files.readString(other));
    }

    @Test
    @DisplayName("F-64: a mailbox of another owner is refused for now")
    void wrongOwner() throws IOException {
        Files.createFile(mailbox());
        UserRecord other = new UserRecord("gilles", user.uid() + 1, user.gid(), user.home());
        Mbox theirs = mbox(other.uid(), InstantSource.fixed(Samples.NOW));
        Mbox.Entry entry = entry(MailAddr.NULL, Samples.MESSAGE);
        IOException failure =
                assertThrows(IOException.class, () -> theirs.deliver(other, directory, entry));
        assertTrue(DeliveryFailure.verdict(failure).text().contains("not owned by gilles"));
    }

    @Test
    void aLockOfAnotherProgramIsRespectedForAWhile() throws IOException {
        Path lock = Files.createFile(directory.resolve("gilles.lock"));
        AtomicInteger asked = new AtomicInteger();
        int uid = user.uid();
        Instant made = Files.getLastModifiedTime(lock).toInstant();
        mbox = mbox(uid, () -> made.plus(MboxLocks.PATIENCE.multipliedBy(asked.getAndIncrement())));
        Verdict verdict = refusal();
        assertEquals("4.2.0", verdict.status().toString());
        assertTrue(Files.exists(lock));
        assertFalse(Files.exists(mailbox()));
    }

    @Test
    void aLockThatAProgramLeftWhenItDiedIsRemoved() throws IOException {
        Path lock = Files.createFile(directory.resolve("gilles.lock"));
        Files.setLastModifiedTime(
                lock, FileTime.from(Samples.NOW.minus(MboxLocks.STALE).minusSeconds(1)));
        deliver();
        assertEquals(ONE, Files.readString(mailbox()));
        assertFalse(Files.exists(lock));
    }

    @Test
    void deliveriesOfManyThreadsDoNotMix() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
            List<Future<Boolean>> running =
                    Stream.generate(() -> threads.submit(this::deliverOne)).limit(60).toList();
            for (Future<Boolean> each : running) {
                assertTrue(each.get());
            }
        }
        assertEquals(ONE.repeat(60), Files.readString(mailbox()));
    }

    private boolean deliverOne() throws IOException {
        deliver();
        return true;
    }

    @Test
    void aFileIsMadeAndAppendedTo() throws IOException {
        Path file = directory.resolve("archive");
        MailAddr sender = MailAddr.of("sender@example.org");
        mbox.append(user, file, entry(sender, Samples.MESSAGE));
        mbox.append(user, file, entry(sender, Samples.MESSAGE));
        assertEquals(ONE + ONE, Files.readString(file));
    }

    @Test
    void aFileThatIsALinkIsRefused() throws IOException {
        Path target = Files.createFile(directory.resolve("target"));
        Path file = Files.createSymbolicLink(directory.resolve("archive"), target);
        Mbox.Entry entry = entry(MailAddr.NULL, Samples.MESSAGE);
        assertThrows(IOException.class, () -> mbox.append(user, file, entry));
        assertEquals("", Files.readString(target));
    }
}
