package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.conf.TableConf;
import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Mailbox;
import smtpd.core.proc.Peer;
import smtpd.core.proc.Role;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.FdSocket;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/// Table programs as lka asks for them, over a real link.
class TableProgramsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir Path dir;
    private final Mailbox mailbox = new Mailbox("test", InstantSource.system());
    private @Nullable TablePrograms programs;
    private final LinkPeer<ParentToChild, ChildToParent> lka =
            new LinkPeer<>(
                    Role.LKA, ParentToChild.CODEC, ChildToParent.CODEC, new Asked(), mailbox);
    private final LinkPeer<ChildToParent, ParentToChild> parent =
            new LinkPeer<>(
                    Role.PARENT,
                    ChildToParent.CODEC,
                    ParentToChild.CODEC,
                    (request, message) -> {},
                    mailbox);

    private final class Asked implements Inbox<ChildToParent> {
        @Override
        public void receive(long request, ChildToParent message) {
            switch (message) {
                case ChildToParent.StartTable it -> programs().start(lka, request, it.table());
                case ChildToParent.EndTable it -> programs().end(it.table());
                default -> throw new IllegalStateException(message.toString());
            }
        }
    }

    private TablePrograms programs() {
        return java.util.Objects.requireNonNull(programs);
    }

    @BeforeEach
    void link() throws IOException {
        FdSocket[] pair = FdSocket.pair();
        lka.attach(Role.PARENT, pair[0]);
        parent.attach(Role.LKA, pair[1]);
        Path script = program("table-echo", "read line; echo \"$0 $1 $line\"; exec cat");
        Path own = program("own", "while read line; do echo \"own $# $line\"; done");
        programs =
                new TablePrograms(
                        Map.of(
                                "e", new TableConf.BackendTable("e", "echo", "/etc/e.conf"),
                                "own", new TableConf.BackendTable("own", "proc", own.toString()),
                                "none", new TableConf.BackendTable("none", "none", "/x"),
                                "bad", new TableConf.BackendTable("bad", "proc", "/no/such"),
                                "pw", new TableConf.BackendTable("pw", "passwd", "/etc/x")),
                        List.of(dir.resolve("empty"), dir),
                        null);
        assertTrue(Files.isExecutable(script));
    }

    @AfterEach
    void unlink() {
        programs().stop();
        lka.detach();
        parent.detach();
    }

    private Path program(String name, String text) throws IOException {
        Path path = Files.writeString(dir.resolve(name), "#!/bin/sh\n" + text + "\n");
        return Someone.mode(path, "rwxr-xr-x");
    }

    private Peer.Answer.Got<ParentToChild> start(String table) throws Exception {
        return parent.callForFd(new ChildToParent.StartTable(table), LONG);
    }

    private static BufferedReader reader(int fd) {
        return new BufferedReader(
                new InputStreamReader(Descriptors.input(fd), StandardCharsets.UTF_8));
    }

    private static void say(int fd, String line) throws IOException {
        OutputStream out = Descriptors.output(fd);
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void backendIsAProgramOfThatNameWithItsFile() throws Exception {
        Peer.Answer.Got<ParentToChild> got = start("e");
        assertEquals(new ParentToChild.TableStarted(), got.message());
        say(got.fd(), "hello");
        try (BufferedReader in = reader(got.fd())) {
            assertEquals(dir.resolve("table-echo") + " /etc/e.conf hello", in.readLine());
        }
    }

    @Test
    void procNamesTheProgramItself() throws Exception {
        Peer.Answer.Got<ParentToChild> got = start("own");
        say(got.fd(), "x");
        try (BufferedReader in = reader(got.fd())) {
            assertEquals("own 0 x", in.readLine());
        }
    }

    @Test
    void aSecondStartAndAnEndEndTheRunningProgram() throws Exception {
        Peer.Answer.Got<ParentToChild> first = start("own");
        Peer.Answer.Got<ParentToChild> second = start("own");
        try (BufferedReader in = reader(first.fd())) {
            assertEquals(null, in.readLine());
        }
        parent.send(new ChildToParent.EndTable("own"));
        try (BufferedReader in = reader(second.fd())) {
            assertEquals(null, in.readLine());
        }
    }

    @Test
    void whatCannotBeStartedIsRefusedAndSaysWhy() throws Exception {
        assertEquals(
                new ParentToChild.TableRefused("no program table-none"), start("none").message());
        assertEquals(
                new ParentToChild.TableRefused("no program belongs to it"), start("pw").message());
        assertEquals(
                new ParentToChild.TableRefused("no program belongs to it"),
                start("/bin/sh").message());
        assertTrue(
                start("bad").message() instanceof ParentToChild.TableRefused(String why)
                        && why.startsWith("/no/such: "));
    }
}
