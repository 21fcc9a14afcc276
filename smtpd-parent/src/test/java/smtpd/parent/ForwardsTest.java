package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.ParentToChild.ForwardFile;
import smtpd.core.mail.Bytes;
import smtpd.core.sys.Spawn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Which `.forward` files are believed.
class ForwardsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path base;

    @SuppressWarnings("NullAway.Init")
    private Path home;

    @BeforeEach
    void makeHome() throws IOException {
        home = Someone.mode(Someone.own(Files.createDirectory(base.resolve("home"))), "rwxr-xr-x");
    }

    private ForwardFile open(Path directory) {
        return assertInstanceOf(ForwardFile.class, new Forwards().open(Someone.at(directory)));
    }

    private Path forward(String text) throws IOException {
        Path file = Files.writeString(home.resolve(".forward"), text);
        return Someone.mode(Someone.own(file), "rw-r--r--");
    }

    private static ForwardFile refused(String why) {
        return new ForwardFile(LookupAnswer.FOUND, Bytes.EMPTY, why);
    }

    private static ForwardFile found(String text) {
        return new ForwardFile(LookupAnswer.FOUND, Bytes.of(text), "");
    }

    private static final ForwardFile ABSENT =
            new ForwardFile(LookupAnswer.NOT_FOUND, Bytes.EMPTY, "");

    @Test
    void theUsersOwnFileIsRead() throws IOException {
        forward("friend@example.org\n");
        assertEquals(found("friend@example.org\n"), open(home));
    }

    @Test
    void noFileIsNoForward() {
        assertEquals(ABSENT, open(home));
        assertEquals(ABSENT, open(base.resolve("nowhere")));
    }

    @Test
    void aHomeBehindALinkIsAHome() throws IOException {
        forward("friend@example.org\n");
        Path link = Files.createSymbolicLink(base.resolve("link"), home);
        assertEquals(found("friend@example.org\n"), open(link));
    }

    @Test
    @DisplayName("F-65: a .forward that is a link is not followed")
    void aLinkIsRefused() throws IOException {
        Files.writeString(base.resolve("secret"), "secret\n");
        Files.createSymbolicLink(home.resolve(".forward"), base.resolve("secret"));
        assertEquals(refused("cannot be opened"), open(home));
    }

    @Test
    @DisplayName("F-65: a .forward that its group or others may write is refused")
    void aFileOthersMayWriteIsRefused() throws IOException {
        for (String mode : List.of("rw-rw-r--", "rw-r--rw-")) {
            Someone.mode(forward("|command\n"), mode);
            assertEquals(refused("could be written by others"), open(home));
        }
    }

    @Test
    @DisplayName("F-65: a home that others may write is refused")
    void aHomeOthersMayWriteIsRefused() throws IOException {
        forward("|command\n");
        Someone.mode(home, "rwxrwxr-x");
        assertEquals(refused("could be written by others"), open(home));
    }

    @Test
    @DisplayName("F-65: a .forward that belongs to somebody else is refused")
    void anothersFileIsRefused() throws IOException {
        assumeTrue(Someone.ROOT, "needs root to make a file of another user");
        Files.writeString(home.resolve(".forward"), "|command\n");
        assertEquals(refused("could be written by others"), open(home));
    }

    @Test
    void somethingElseThanAFileIsRefused() throws Exception {
        Files.createDirectory(home.resolve(".forward"));
        assertEquals(refused("is not a regular file"), open(home));
        Files.delete(home.resolve(".forward"));
        int pid =
                Spawn.start(
                        new Spawn.Request(
                                "/bin/sh",
                                List.of("sh", "-c", "exec mkfifo \"$0\"", home + "/.forward"),
                                List.of("PATH=/usr/bin:/bin"),
                                List.of()));
        Spawn.waitFor(pid);
        assertEquals(refused("is not a regular file"), open(home));
    }

    @Test
    void aHomeUnderMaintenanceIsNotNow() throws Exception {
        forward("friend@example.org\n");
        int pid =
                Spawn.start(
                        new Spawn.Request(
                                "/bin/sh",
                                List.of("sh", "-c", "exec chmod +t \"$0\"", home.toString()),
                                List.of("PATH=/usr/bin:/bin"),
                                List.of()));
        Spawn.waitFor(pid);
        assertEquals(LookupAnswer.TEMPFAIL, open(home).answer());
    }

    @Test
    void aFileBeyondTheLimitIsNotNowAndNeverCut() throws IOException {
        forward("x".repeat(Forwards.SIZE_MAX - 1));
        assertEquals(found("x".repeat(Forwards.SIZE_MAX - 1)), open(home));
        forward("x".repeat(Forwards.SIZE_MAX));
        assertEquals(
                new ForwardFile(LookupAnswer.TEMPFAIL, Bytes.EMPTY, "is too long"), open(home));
    }
}
