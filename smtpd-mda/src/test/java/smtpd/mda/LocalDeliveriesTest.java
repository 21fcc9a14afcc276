package smtpd.mda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Dispatcher.Method;
import smtpd.core.conf.Limits;
import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.Outcome;
import smtpd.core.slice.MdaSlice;
import smtpd.core.sys.Credentials;
import smtpd.core.sys.Host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;

final class LocalDeliveriesTest {
    /// Any id that is nobody's.
    private static final int STRANGER = 54_321;

    @TempDir private Path directory;
    private final BlockingQueue<Runnable> agent = new LinkedBlockingQueue<>();
    private String message = Samples.MESSAGE;

    /// Files look as if they belonged to an ordinary user, whoever runs the tests.
    private static final class OrdinaryDisk extends TestDisk {
        @Override
        public Optional<FileFacts> facts(Path path) throws IOException {
            return super.facts(path)
                    .map(it ->
                            new FileFacts(it.kind(), 1000, it.links(), it.inode(), it.modified()));
        }
    }

    private UserRecord user() {
        return new UserRecord("gilles", 1000, 1000, directory.toString());
    }

    private LocalDeliveries deliveries(AsUser asUser, Disk disk) {
        Commands none =
                (user, command, environment, timeout) -> {
                    throw new DeliveryFailure(Verdict.tempfail("4.3.0", "no " + command));
                };
        return new LocalDeliveries(
                new MdaSlice(
                        "mx.example.com",
                        List.of(),
                        Map.of(),
                        Limits.Mda.DEFAULT,
                        directory.toString(),
                        "+",
                        true),
                new LocalDeliveries.Ports(
                        msgid -> Samples.content(message),
                        asUser,
                        none,
                        new HostsResolver(),
                        InstantSource.fixed(Samples.NOW),
                        agent::add),
                new ConfFormats("+"),
                new Random(1),
                disk);
    }

    private List<Verdict> run(LocalDeliveries deliveries, Delivery delivery)
            throws InterruptedException {
        List<List<Verdict>> ended = new ArrayList<>();
        deliveries.start(delivery, ended::add);
        assertTrue(ended.isEmpty(), "only in the agent's thread");
        agent.take().run();
        return ended.getFirst();
    }

    private Verdict one(Method method, Envelope envelope) throws InterruptedException {
        Dispatcher.Local action = Samples.action("x", method);
        return run(
                        deliveries(new AsCaller(1000), new OrdinaryDisk()),
                        new Delivery(Samples.MSGID, user(), action, List.of(envelope)))
                .getFirst();
    }

    private static Envelope envelope(String sender, String rcpt, String exec) {
        return Samples.envelope(
                1,
                MailAddr.of(sender),
                MailAddr.of(rcpt),
                new Target.Mda("x", "gilles", exec, "lists"));
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    @Test
    void aMaildirMessageHasItsTraceOnTop() throws Exception {
        assertEquals(
                Verdict.DELIVERED,
                one(new Method.Maildir("", false), envelope("s@example.org", "g@b", "")));
        assertEquals(
                """
                Return-Path: <s@example.org>
                Delivered-To: g@b
                Subject: hello

                first
                .second
                """,
                Files.readString(files(directory.resolve("Maildir/new")).getFirst()));
    }

    @Test
    @DisplayName("F-86: the null sender leaves no Return-Path")
    void nullSender() throws Exception {
        one(new Method.Maildir("", false), envelope("", "g@b", ""));
        assertTrue(
                Files.readString(files(directory.resolve("Maildir/new")).getFirst())
                        .startsWith("Delivered-To: g@b\nSubject:"));
    }

    @Test
    @DisplayName("F-35: what was delivered to this recipient before is a loop, once and for all")
    void loop() throws Exception {
        message = "Received: x\r\nDelivered-To: G@b\r\n" + Samples.MESSAGE;
        Verdict verdict = one(new Method.Maildir("", false), envelope("s@x", "g@B", ""));
        assertEquals(Outcome.LOOP, verdict.outcome());
        assertEquals("5.4.6", verdict.status().toString());
        assertTrue(Files.notExists(directory.resolve("Maildir")));
    }

    @Test
    void spamGoesToJunkOnlyWhereTheActionSaysSo() throws Exception {
        message = "X-Spam: Yes\r\n" + Samples.MESSAGE;
        one(new Method.Maildir("", false), envelope("s@x", "g@b", ""));
        assertEquals(1, files(directory.resolve("Maildir/new")).size());
        one(new Method.Maildir("", true), envelope("s@x", "g@b", ""));
        assertEquals(1, files(directory.resolve("Maildir/.Junk/new")).size());
    }

    @Test
    void aTagsFolderIsUsedWhenItExists() throws Exception {
        Files.createDirectories(directory.resolve("Maildir/.lists"));
        one(new Method.Maildir("", false), envelope("s@x", "g@b", ""));
        assertEquals(1, files(directory.resolve("Maildir/.lists/new")).size());
    }

    @Test
    void mboxAndFileAndNothing() throws Exception {
        Path file = directory.resolve("archive");
        assertEquals(Verdict.DELIVERED, one(new Method.Mbox(), envelope("s@x", "g@b", "")));
        assertEquals(
                Verdict.DELIVERED, one(new Method.Mbox(), envelope("s@x", "g@b", file.toString())));
        assertEquals(
                Verdict.DELIVERED, one(new Method.Mbox(), envelope("s@x", "g@b", "/dev/null")));
        assertEquals(Files.readString(directory.resolve("gilles")), Files.readString(file));
    }

    @Test
    void aCommandThatCannotBeStartedIsTemporary() throws Exception {
        assertEquals("Error (no id)", one(new Method.Mbox(), envelope("s@x", "g@b", "|id")).stat());
    }

    @Test
    void withoutRootOnlyTheCallersMailIsDelivered() throws Exception {
        Delivery delivery =
                new Delivery(
                        Samples.MSGID,
                        user(),
                        Samples.maildir("x"),
                        List.of(envelope("s@x", "g@b", "")));
        Verdict verdict = run(deliveries(new AsCaller(1001), new TestDisk()), delivery).getFirst();
        assertEquals(Outcome.TEMPFAIL, verdict.outcome());
        assertEquals(
                "cannot deliver as user gilles: running without root as uid 1001", verdict.text());
    }

    @Test
    @DisplayName("F-35: in a shared LMTP transaction a loop is only its own recipient's end")
    void lmtpLoop() throws Exception {
        message = "Delivered-To: a@b\r\n" + Samples.MESSAGE;
        try (ScriptedLmtp server =
                new ScriptedLmtp(
                        List.of(
                                "220 hi",
                                "250 hi",
                                "250 ok",
                                "250 ok",
                                "250 ok",
                                "354 go",
                                "250 ok|250 ok"))) {
            Delivery delivery =
                    new Delivery(
                            Samples.MSGID,
                            user(),
                            Samples.action("x", new Method.Lmtp(server.destination(), true)),
                            List.of(
                                    envelope("s@x", "a@b", ""),
                                    envelope("s@x", "c@b", ""),
                                    envelope("s@x", "d@b", "")));
            assertEquals(
                    List.of(Verdict.LOOP, Verdict.DELIVERED, Verdict.DELIVERED),
                    run(deliveries(new AsCaller(1000), new TestDisk()), delivery));
            assertTrue(server.heard.contains("RCPT TO:<c@b>"));
            assertTrue(
                    server.heard.stream().noneMatch("Delivered-To: c@b"::equals),
                    "recipients are not told of each other");
        }
    }

    private void reachable() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (Path each = directory; each != null; each = each.getParent()) {
            assumeTrue(
                    Files.getPosixFilePermissions(each)
                            .contains(PosixFilePermission.OTHERS_EXECUTE),
                    "needs temporary files where others reach them");
        }
    }

    @Test
    @DisplayName("F-63, F-64: as root the mailbox is made and written with the user's rights")
    void asRoot() throws Exception {
        assumeTrue(Credentials.effectiveUid() == 0, "needs root");
        UserRecord stranger = new UserRecord("stranger", STRANGER, STRANGER, directory + "/home");
        Path home = Files.createDirectory(directory.resolve("home"));
        Path closed = Files.createDirectory(directory.resolve("closed"));
        reachable();
        Host.chown(home, STRANGER, STRANGER);
        Delivery delivery =
                new Delivery(
                        Samples.MSGID,
                        stranger,
                        Samples.maildir("x"),
                        List.of(envelope("s@x", "g@b", "")));
        assertEquals(
                Verdict.DELIVERED,
                run(deliveries(new AsRoot(), new PosixDisk()), delivery).getFirst());
        Path made = files(home.resolve("Maildir/new")).getFirst();
        assertEquals(STRANGER, Files.getAttribute(made, "unix:uid"));
        assertEquals(STRANGER, Files.getAttribute(made, "unix:gid"));

        UserRecord outside = new UserRecord("stranger", STRANGER, STRANGER, closed.toString());
        Verdict refused =
                run(
                                deliveries(new AsRoot(), new PosixDisk()),
                                new Delivery(
                                        Samples.MSGID,
                                        outside,
                                        Samples.maildir("x"),
                                        List.of(envelope("s@x", "g@b", ""))))
                        .getFirst();
        assertEquals(Outcome.TEMPFAIL, refused.outcome());
        assertTrue(refused.text().contains("Permission denied"), refused.text());
        assertEquals(0, Credentials.effectiveUid());
    }

    @Test
    void asRootAMissingMboxIsMadeWithTheGroupOfTheMailDirectory() throws Exception {
        assumeTrue(Credentials.effectiveUid() == 0, "needs root");
        int mail = STRANGER + 1;
        Host.chown(directory, 0, mail);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxr-x"));
        UserRecord stranger = new UserRecord("stranger", STRANGER, STRANGER, "/nonexistent");
        Delivery delivery =
                new Delivery(
                        Samples.MSGID,
                        stranger,
                        Samples.action("x", new Method.Mbox()),
                        List.of(envelope("s@x", "g@b", "")));
        assertEquals(
                Verdict.DELIVERED,
                run(deliveries(new AsRoot(), new PosixDisk()), delivery).getFirst());
        assertEquals(STRANGER, Files.getAttribute(directory.resolve("stranger"), "unix:uid"));
        assertTrue(Files.notExists(directory.resolve("stranger.lock")));
    }
}
