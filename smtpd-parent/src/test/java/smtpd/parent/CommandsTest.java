package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.ParentToChild.CommandExited;
import smtpd.core.imsg.ParentToChild.CommandRefused;
import smtpd.core.imsg.ParentToChild.CommandStarted;
import smtpd.core.imsg.UserRecord;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Mailbox;
import smtpd.core.proc.Peer;
import smtpd.core.proc.Role;
import smtpd.core.sys.Credentials;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Delivery commands as the mda asks for them, over a real link.
class CommandsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final List<String> ENVIRONMENT = List.of("PATH=/usr/bin:/bin", "A=1 \"2\"");
    private static final UserRecord USER = Someone.at(Path.of("/"));

    private final Commands commands = new Commands(Someone.ROOT, Credentials.uid());
    private final Mailbox mailbox = new Mailbox("test", InstantSource.system());
    private final BlockingQueue<ParentToChild> told = new LinkedBlockingQueue<>();
    private final LinkPeer<ParentToChild, ChildToParent> mda =
            new LinkPeer<>(
                    Role.MDA, ParentToChild.CODEC, ChildToParent.CODEC, new Asked(), mailbox);
    private final LinkPeer<ChildToParent, ParentToChild> parent =
            new LinkPeer<>(
                    Role.PARENT,
                    ChildToParent.CODEC,
                    ParentToChild.CODEC,
                    (request, message) -> told.add(message),
                    mailbox);

    private final class Asked implements Inbox<ChildToParent> {
        @Override
        public void receive(long request, ChildToParent message) {
            if (message instanceof ChildToParent.RunCommand it) {
                commands.run(mda, request, it);
            }
        }
    }

    @BeforeEach
    void join() throws SysException {
        FdSocket[] pair = FdSocket.pair();
        mda.attach(Role.PARENT, pair[0]);
        parent.attach(Role.MDA, pair[1]);
    }

    @AfterEach
    void end() throws InterruptedException {
        commands.killAll();
        mda.detach();
        mailbox.close();
        mailbox.join();
    }

    private Peer.Answer.Got<ParentToChild> ask(UserRecord user, String command, Duration timeout)
            throws Exception {
        return parent.callForFd(
                new ChildToParent.RunCommand(user, command, ENVIRONMENT, timeout), LONG);
    }

    private long start(String command, Duration timeout) throws Exception {
        Peer.Answer.Got<ParentToChild> answer = ask(USER, command, timeout);
        Descriptors.close(answer.fd());
        return assertInstanceOf(CommandStarted.class, answer.message()).token();
    }

    private CommandExited exited() throws InterruptedException {
        @Nullable ParentToChild message = told.poll(60, TimeUnit.SECONDS);
        return assertInstanceOf(CommandExited.class, message);
    }

    private CommandExited run(String command) throws Exception {
        long token = start(command, LONG);
        CommandExited exited = exited();
        assertEquals(token, exited.token());
        return exited;
    }

    @ParameterizedTest
    @DisplayName("F-63: exit statuses reach the mda as they are")
    @ValueSource(ints = {0, 71, 75, 127, 255})
    void exitStatusIsReported(int status) throws Exception {
        CommandExited exited = run("exit " + status);
        assertEquals(status, exited.exit());
        assertEquals(0, exited.signal());
    }

    @Test
    @DisplayName("F-63: a command that does not exist is status 127")
    void noSuchCommandIs127() throws Exception {
        assertEquals(127, run("/nowhere/no-such-command").exit());
    }

    @Test
    @DisplayName("F-63: an end by signal is told apart from an exit")
    void anEndBySignalIsReported() throws Exception {
        CommandExited exited = run("kill -15 $$");
        assertEquals(-1, exited.exit());
        assertEquals(15, exited.signal());
        assertTrue(!exited.timedOut());
    }

    @Test
    void theMessageComesOnStandardInput() throws Exception {
        Peer.Answer.Got<ParentToChild> answer = ask(USER, "wc -c | tr -d ' '", LONG);
        try (OutputStream out = Descriptors.output(answer.fd())) {
            out.write(new byte[200_000]);
        }
        assertEquals("200000", exited().output());
    }

    @Test
    @DisplayName("F-63: a command that reads nothing ends, and writing to it fails")
    void aCommandThatReadsNothingIsNotWaitedFor() throws Exception {
        Peer.Answer.Got<ParentToChild> answer = ask(USER, "exec <&-; exit 75", LONG);
        assertEquals(75, exited().exit());
        try (OutputStream out = Descriptors.output(answer.fd())) {
            org.junit.jupiter.api.Assertions.assertThrows(
                    IOException.class, () -> out.write(new byte[200_000]));
        }
    }

    @Test
    @DisplayName("F-63: endless output is read and forgotten but for its last line")
    void onlyTheLastLineIsKept() throws Exception {
        CommandExited exited =
                run("head -c 30000000 /dev/zero >&2; echo; echo no such folder; echo; exit 65");
        assertEquals("no such folder", exited.output());
        assertEquals(65, exited.exit());
    }

    @Test
    @DisplayName("F-63: a command that never ends is killed with all it started")
    void theTimeLimitKillsTheGroup() throws Exception {
        long token = start("sleep 1000 & echo $!; wait", Duration.ofMillis(300));
        CommandExited exited = exited();
        assertEquals(token, exited.token());
        assertTrue(exited.timedOut());
        assertEquals(9, exited.signal());
        assertGone(exited.output());
    }

    @Test
    @DisplayName("F-63: what a command leaves behind in its group is killed")
    void leftoversAreKilled() throws Exception {
        CommandExited exited = run("sleep 1000 & echo $!");
        assertEquals(0, exited.exit());
        assertGone(exited.output());
    }

    /// Dead, if perhaps not yet collected by init.
    private static void assertGone(String pid) throws Exception {
        Path stat = Path.of("/proc", pid, "stat");
        assertTrue(pid.matches("\\d+"), pid);
        long deadline = System.nanoTime() + LONG.toNanos();
        while (Files.exists(stat) && System.nanoTime() - deadline < 0) {
            try {
                if (Files.readString(stat).contains(") Z ")) {
                    return;
                }
            } catch (IOException e) {
                return;
            }
            Thread.onSpinWait();
        }
        assertTrue(!Files.exists(stat), "still runs");
    }

    @Test
    @DisplayName("F-63: a descendant that flees the group is not waited for")
    void aDescendantThatFledIsNotWaitedFor() throws Exception {
        CommandExited exited = run("setsid sleep 1000 & echo $!; exit 3");
        assertEquals(3, exited.exit());
        long fled = Long.parseLong(exited.output());
        assertTrue(ProcessHandle.of(fled).map(ProcessHandle::destroyForcibly).isPresent());
    }

    @Test
    void theEnvironmentIsWhatWasGivenAndNothingElse() throws Exception {
        CommandExited exited =
                run(
                        "env | grep -v -e '^PWD=' -e '^OLDPWD=' -e '^SHLVL=' -e '^_=' | sort | tr"
                                + " '\\n' ';'");
        assertEquals("A=1 \"2\";PATH=/usr/bin:/bin;", exited.output());
    }

    @Test
    void itRunsAsTheUserInASessionOfItsOwn() throws Exception {
        assertEquals(
                Someone.uid() + " 0077 session",
                run("test \"$(ps -o sid= -p $$ | tr -d ' ')\" = $$ && w=session;"
                                + " echo $(id -u) $(umask) ${w:-session}")
                        .output());
    }

    @Test
    void nothingOfOursIsOpenInIt() throws Exception {
        assertEquals(
                "0 1 2",
                run("for f in /proc/self/fd/*; do echo ${f##*/}; done"
                                + " | sort -n | grep -e '^[0-2]$' -e '^[3-9][0-9]' | tr '\\n' ' '")
                        .output());
    }

    @Test
    void rootRunsNoCommand() throws Exception {
        assumeTrue(Someone.ROOT, "needs root");
        UserRecord root = new UserRecord("root", 0, 0, "/root");
        assertEquals(
                new CommandRefused("commands do not run as root"),
                ask(root, "true", LONG).message());
    }

    @Test
    void withoutRootOnlyOurOwnUserRunsCommands() {
        Commands unprivileged = new Commands(false, 4711);
        Refusals refusals = new Refusals();
        unprivileged.run(
                refusals.peer, 0, new ChildToParent.RunCommand(USER, "true", ENVIRONMENT, LONG));
        assertTrue(told.isEmpty());
    }

    /// A peer that is not there: what it is answered goes nowhere.
    private final class Refusals {
        private final LinkPeer<ParentToChild, ChildToParent> peer =
                new LinkPeer<>(
                        Role.MDA, ParentToChild.CODEC, ChildToParent.CODEC, (r, m) -> {}, mailbox);
    }

    @Test
    void aCommandCanBeKilledByItsToken() throws Exception {
        long token = start("sleep 1000", LONG);
        commands.kill(token);
        assertEquals(9, exited().signal());
        commands.kill(token);
    }
}
