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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

final class MaildirTest {
    private static final String TOP = "Delivered-To: gilles@example.com\r\n";

    @TempDir private Path home;
    private final TestDisk disk = new TestDisk();
    private UserRecord user = Samples.USER;
    private Maildir maildir = maildir(0);

    @BeforeEach
    void asMyself() throws IOException {
        int uid = (Integer) Files.getAttribute(home, "unix:uid");
        user = new UserRecord("gilles", uid, uid, home.toString());
        maildir = maildir(uid);
    }

    private Maildir maildir(int uid) {
        return new Maildir(
                new AsCaller(uid),
                disk,
                new MaildirNames("mx.example.com", new Random(1)),
                InstantSource.fixed(Samples.NOW));
    }

    private Path root() {
        return home.resolve("Maildir");
    }

    private void deliver(String folder, String existing) throws IOException {
        maildir.deliver(
                user,
                new Maildir.Place(root(), folder, existing),
                TOP,
                Samples.letter(Samples.MESSAGE));
    }

    private static List<Path> in(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private Verdict refusal() {
        return DeliveryFailure.verdict(assertThrows(IOException.class, () -> deliver("", "")));
    }

    @Test
    void aMissingMaildirIsMadeForTheUserAlone() throws IOException {
        deliver("", "");
        assertEquals(
                "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(root())));
        Path message = in(root().resolve("new")).getFirst();
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(message)));
        assertEquals(
                "Delivered-To: gilles@example.com\nSubject: hello\n\nfirst\n.second\n",
                Files.readString(message));
        assertEquals(List.of(), in(root().resolve("tmp")));
        assertTrue(Files.isDirectory(root().resolve("cur")));
    }

    @Test
    void aMaildirIsMadeWhereTheDirectoryAboveMayNotBeRead() throws IOException {
        disk.deny(home);
        deliver("", "");
        assertEquals(1, in(root().resolve("new")).size());
    }

    @Test
    void theNameIsTimeRandomHost() throws IOException {
        deliver("", "");
        String name = in(root().resolve("new")).getFirst().getFileName().toString();
        assertTrue(name.matches("1772706030\\.[0-9a-f]{8}\\.mx\\.example\\.com"), name);
    }

    @Test
    @DisplayName("F-64: delivered only after fsync, rename and fsync of both directories")
    void syncedInOrder() throws IOException {
        deliver("", "");
        disk.calls.clear();
        deliver("", "");
        assertEquals(
                List.of(
                        "create tmp",
                        "write",
                        "sync",
                        "move tmp new",
                        "syncDirectory new",
                        "syncDirectory tmp"),
                disk.calls);
    }

    @Test
    @DisplayName("F-64: a full disk or quota defers and leaves nothing behind")
    void fullDisk() throws IOException {
        deliver("", "");
        String[][] failures = {
            {"write", "No space left on device", "4.3.1"},
            {"sync", "Disk quota exceeded", "4.2.2"},
            {"move", "Stale file handle", "4.3.0"},
            {"syncDirectory", "Input/output error", "4.3.0"},
            {"create", "No space left on device", "4.3.1"}
        };
        for (String[] failure : failures) {
            disk.fail(failure[0], failure[1]);
            Verdict verdict = refusal();
            assertEquals(failure[2], verdict.status().toString(), failure[0]);
            assertTrue(verdict.text().contains(failure[1]), verdict.text());
            assertEquals(1, in(root().resolve("new")).size(), failure[0]);
            assertEquals(0, in(root().resolve("tmp")).size(), failure[0]);
        }
    }

    @Test
    void contentThatBreaksOffLeavesNothing() throws IOException {
        Letter letter = Letter.read(Samples.broken("Subject: x\r\n\r\n", "half"));
        IOException failure =
                assertThrows(
                        IOException.class,
                        () ->
                                maildir.deliver(
                                        user, new Maildir.Place(root(), "", ""), TOP, letter));
        assertEquals("4.3.0", DeliveryFailure.verdict(failure).status().toString());
        assertEquals(List.of(), in(root().resolve("new")));
        assertEquals(List.of(), in(root().resolve("tmp")));
    }

    @Test
    @DisplayName("F-64: tmp or new that are links are not followed")
    void linkedSubdirectory() throws IOException {
        deliver("", "");
        Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
        for (String name : List.of("tmp", "new")) {
            Path part = root().resolve(name);
            Path aside = home.resolve("aside-" + name);
            Files.move(part, aside);
            Files.createSymbolicLink(part, elsewhere);
            assertTrue(refusal().text().contains("symbolic link"));
            assertEquals(List.of(), in(elsewhere));
            Files.delete(part);
            Files.move(aside, part);
        }
    }

    @Test
    @DisplayName("F-64: a maildir of another owner is refused for now")
    void wrongOwner() throws IOException {
        deliver("", "");
        UserRecord other = new UserRecord("other", user.uid() + 1, user.gid(), user.home());
        Maildir theirs = maildir(other.uid());
        IOException failure =
                assertThrows(
                        IOException.class,
                        () ->
                                theirs.deliver(
                                        other,
                                        new Maildir.Place(root(), "", ""),
                                        TOP,
                                        Samples.letter(Samples.MESSAGE)));
        assertTrue(DeliveryFailure.verdict(failure).text().contains("not owned by other"));
        assertEquals(1, in(root().resolve("new")).size());
    }

    @Test
    void aMaildirThatIsTheUsersOwnLinkIsFollowed() throws IOException {
        Path real = Files.createDirectory(home.resolve("disk2"));
        Files.createSymbolicLink(root(), real);
        deliver("", "");
        assertEquals(1, in(real.resolve("new")).size());
    }

    @Test
    void aFileInPlaceOfTheMaildirIsTemporary() throws IOException {
        Files.createFile(root());
        assertEquals(smtpd.core.mail.Outcome.TEMPFAIL, refusal().outcome());
    }

    @Test
    void anExtensionsFolderIsUsedOnlyIfItExists() throws IOException {
        deliver("", ".lists");
        assertFalse(Files.exists(root().resolve(".lists"), LinkOption.NOFOLLOW_LINKS));
        Files.createDirectory(root().resolve(".lists"));
        deliver("", ".lists");
        assertEquals(1, in(root().resolve(".lists/new")).size());
        assertEquals(1, in(root().resolve("new")).size());
    }

    @Test
    void theJunkFolderIsMadeWhenItIsMissing() throws IOException {
        deliver(".Junk", "");
        assertEquals(1, in(root().resolve(".Junk/new")).size());
        assertEquals(0, in(root().resolve("new")).size());
    }

    @Test
    void namesAreNeverEqual() {
        MaildirNames names = new MaildirNames("a/b:c", new Random(7));
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            assertTrue(seen.add(names.name(Samples.NOW)));
        }
        assertTrue(seen.iterator().next().endsWith(".a\\057b\\072c"));
    }

    @Test
    void deliveriesOfManyThreadsAllArrive() throws Exception {
        deliver("", "");
        disk.calls.clear();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Boolean>> running =
                    Stream.generate(() -> threads.submit(this::deliverOne)).limit(200).toList();
            for (Future<Boolean> each : running) {
                assertTrue(each.get());
            }
        }
        assertEquals(201, in(root().resolve("new")).size());
        assertTrue(
                disk.calls.stream().filter(call -> call.equals("syncDirectory new")).count()
                        <= 200);
    }

    private boolean deliverOne() throws IOException {
        deliver("", "");
        return true;
    }
}
