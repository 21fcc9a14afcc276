package smtpd.core.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// A whole JVM in the sandbox, trying what it must not do.
class SandboxTest {
    private static final int UID = 64001;

    @TempDir private Path dir;
    private Path own;
    private Path classes;
    private ServerSocketChannel tcp;
    private ServerSocketChannel unix;

    @BeforeEach
    void prepare() throws IOException, URISyntaxException {
        chmod(dir, "rwxrwxrwx");
        own = Files.createDirectory(dir.resolve("own"));
        chmod(own, "rwxrwxrwx");
        Files.writeString(own.resolve("given"), "x");
        classes = Files.createDirectory(dir.resolve("classes"));
        for (Class<?> from : List.of(FdSocket.class, SandboxProbe.class)) {
            copy(Path.of(from.getProtectionDomain().getCodeSource().getLocation().toURI()));
        }
        tcp = ServerSocketChannel.open();
        tcp.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        unix.bind(UnixDomainSocketAddress.of(dir.resolve("socket")));
        chmod(dir.resolve("socket"), "rwxrwxrwx");
    }

    @AfterEach
    void close() throws IOException {
        tcp.close();
        unix.close();
    }

    private static void chmod(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private void copy(Path from) throws IOException {
        try (var files = Files.walk(from.resolve("smtpd/core/sys"))) {
            for (Path file : files.toList()) {
                Path to = classes.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(file, to);
                }
            }
        }
    }

    private static void needRoot() {
        assumeTrue(Layers.probe().uid(), "needs root");
    }

    private static void needKernel() {
        Layers layers = Layers.probe();
        assumeTrue(layers.landlockAbi() >= 6, "needs Landlock ABI 6");
        assumeTrue(layers.seccomp(), "needs seccomp");
    }

    private List<FileRule> jvmFiles() {
        return List.of(
                FileRule.execute(Path.of(System.getProperty("java.home"))),
                FileRule.execute(Path.of("/lib")),
                FileRule.execute(Path.of("/lib64")),
                FileRule.execute(Path.of("/usr/lib")),
                FileRule.read(classes),
                FileRule.read(Path.of("/dev/urandom")),
                FileRule.read(Path.of("/dev/random")),
                FileRule.writeFile(Path.of("/dev/null")));
    }

    private Sandbox sandbox(Set<Integer> ports, Set<Capability> keep, Permission... permissions) {
        List<FileRule> files = new ArrayList<>(jvmFiles());
        files.add(FileRule.own(own));
        return new Sandbox(files, ports, Set.of(), keep, Set.of(permissions));
    }

    private Spawn.Request probe(int out, List<String> attempts) throws IOException {
        String java = System.getProperty("java.home") + "/bin/java";
        List<String> argv =
                new ArrayList<>(
                        List.of(
                                "java",
                                "-XX:+UseSerialGC",
                                "-Xmx32m",
                                "-XX:-UsePerfData",
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "--add-opens=java.base/java.io=ALL-UNNAMED",
                                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                                "-cp",
                                classes.toString(),
                                SandboxProbe.class.getName(),
                                own.toString(),
                                String.valueOf(tcp.socket().getLocalPort()),
                                dir.resolve("socket").toString()));
        argv.addAll(attempts);
        return new Spawn.Request(
                java,
                argv,
                List.of("LC_ALL=C.UTF-8"),
                List.of(out, out, out, Channels.fd(tcp)),
                "/");
    }

    private Map<String, String> run(Sandbox sandbox, String... attempts) throws IOException {
        Map<String, String> results = new TreeMap<>();
        try (Child child = new Child(sandbox, Layers.probe(), attempts)) {
            for (String line = child.line(); line != null; line = child.line()) {
                int space = Math.max(0, line.indexOf(' '));
                results.put(line.substring(0, space), line.substring(space).strip());
            }
        }
        return results;
    }

    /// A sandboxed probe that is running.
    private final class Child implements AutoCloseable {
        final int pid;
        private final BufferedReader lines;
        private boolean waited;

        Child(Sandbox sandbox, Layers layers, String... attempts) throws IOException {
            Descriptors.Pipe pipe = Descriptors.Pipe.open();
            Identity user = layers.uid() ? Identity.of(UID, UID) : null;
            pid = Spawn.sandboxed(probe(pipe.write(), List.of(attempts)), user, sandbox, layers);
            Descriptors.close(pipe.write());
            lines =
                    new BufferedReader(
                            new InputStreamReader(
                                    Descriptors.input(pipe.read()), StandardCharsets.UTF_8));
        }

        String line() throws IOException {
            return lines.readLine();
        }

        ExitStatus waitFor() throws SysException {
            waited = true;
            return Spawn.waitFor(pid);
        }

        @Override
        public void close() throws IOException {
            if (!waited) {
                Spawn.kill(pid, Spawn.SIGKILL);
                Spawn.waitFor(pid);
            }
            lines.close();
        }
    }

    @Test
    void beforeThePledgeTheWallsAlreadyStand() throws IOException {
        needKernel();
        needRoot();
        Map<String, String> got =
                run(
                        sandbox(Set.of(), Set.of()),
                        "shadow",
                        "passwd",
                        "list",
                        "outside",
                        "own",
                        "connect",
                        "bind",
                        "udp",
                        "signal",
                        "setuid",
                        "setgroups",
                        "unshare");
        fails(got, "shadow", "AccessDeniedException");
        fails(got, "passwd", "AccessDeniedException");
        fails(got, "list", "AccessDeniedException");
        fails(got, "outside", "AccessDeniedException");
        assertEquals("ok", got.get("own"));
        fails(got, "connect", "SocketException");
        fails(got, "bind", "SocketException");
        fails(got, "udp", "SocketException");
        assertEquals("EPERM", got.get("signal"));
        assertEquals("EPERM", got.get("setuid"));
        assertEquals("EPERM", got.get("setgroups"));
        assertEquals("EPERM", got.get("unshare"));
        assertFalse(Files.exists(dir.resolve("outside")));
    }

    @Test
    void afterThePledgeNothingIsLeftButTheWork() throws IOException {
        needKernel();
        Map<String, String> got =
                run(
                        sandbox(Set.of(), Set.of()),
                        "pledge",
                        "work",
                        "read",
                        "own",
                        "shadow",
                        "connect",
                        "unix",
                        "udp",
                        "exec",
                        "signal",
                        "setuid");
        assertEquals("ok", got.get("pledge"));
        assertEquals("ok", got.get("work"), got.toString());
        assertEquals("ok", got.get("read"));
        fails(got, "own", "AccessDeniedException");
        fails(got, "shadow", "AccessDeniedException");
        fails(got, "connect", "SocketException");
        fails(got, "unix", "SocketException");
        fails(got, "udp", "SocketException");
        fails(got, "exec", "IOException");
        assertEquals("EPERM", got.get("signal"));
        assertEquals("EPERM", got.get("setuid"));
    }

    @Test
    void passwordsAreCheckedBehindThePledge() throws IOException {
        needKernel();
        assumeTrue(Crypt.isAvailable(), "needs libcrypt");
        Map<String, String> got =
                run(sandbox(Set.of(), Set.of()), "crypt", "pledge-kill:CONNECT,UDP", "crypt");
        assertEquals("ok", got.get("pledge-kill:CONNECT,UDP"), got.toString());
        assertEquals("ok", got.get("crypt"), got.toString());
    }

    @Test
    void permissionsOpenExactlyTheirDoors() throws IOException {
        needKernel();
        int port = tcp.socket().getLocalPort();
        Map<String, String> got =
                run(
                        sandbox(Set.of(port), Set.of(), Permission.CONNECT),
                        "pledge:CONNECT,WPATH,UNIX",
                        "connect",
                        "own",
                        "unix",
                        "bind",
                        "udp");
        assertEquals("ok", got.get("pledge:CONNECT,WPATH,UNIX"));
        assertEquals("ok", got.get("connect"));
        assertEquals("ok", got.get("own"));
        assertEquals("ok", got.get("unix"));
        fails(got, "bind", "BindException");
        fails(got, "udp", "SocketException");
    }

    @Test
    void strictModeEndsTheProcess() throws IOException {
        needKernel();
        try (Child child =
                new Child(
                        sandbox(Set.of(), Set.of()),
                        Layers.probe(),
                        "pledge-kill",
                        "work",
                        "exec",
                        "status")) {
            assertEquals("pledge-kill ok", child.line());
            assertEquals("work ok", child.line());
            assertEquals(null, child.line());
            assertEquals(new ExitStatus.Signaled(31), child.waitFor());
        }
    }

    @Test
    void theFiltersStandOnEveryThreadAndNoRightIsLeft() throws IOException {
        needKernel();
        needRoot();
        try (Child child =
                new Child(sandbox(Set.of(), Set.of()), Layers.probe(), "pledge", "wait")) {
            assertEquals("pledge ok", child.line());
            assertEquals("wait ok", child.line());
            List<String> statuses = statuses(child.pid);
            assertTrue(statuses.size() > 5);
            for (String status : statuses) {
                has(status, "Uid:\t64001\t64001\t64001\t64001");
                has(status, "Gid:\t64001\t64001\t64001\t64001");
                has(status, "Groups:\t64001");
                has(status, "NoNewPrivs:\t1");
                has(status, "Seccomp_filters:\t2");
                for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
                    has(status, set + ":\t0000000000000000");
                }
            }
        }
    }

    @Test
    void aKeptCapabilityIsTheOnlyOne() throws IOException {
        needKernel();
        needRoot();
        Set<Capability> keep = Set.of(Capability.SETUID, Capability.SETGID);
        Sandbox sandbox = sandbox(Set.of(), keep, Permission.SETID);
        try (Child child =
                new Child(sandbox, Layers.probe(), "pledge:SETID", "setgroups", "wait")) {
            assertEquals("pledge:SETID ok", child.line());
            assertEquals("setgroups ok", child.line());
            assertEquals("wait ok", child.line());
            String status = Files.readString(Path.of("/proc/" + child.pid + "/status"));
            has(status, "CapEff:\t00000000000000c0");
            has(status, "CapBnd:\t00000000000000c0");
            has(status, "CapAmb:\t00000000000000c0");
        }
    }

    @Test
    void aPledgedDelivererBecomesItsRecipientsInTurn() throws IOException {
        needKernel();
        needRoot();
        Set<Capability> keep = Set.of(Capability.SETUID, Capability.SETGID);
        Map<String, String> got =
                run(
                        sandbox(Set.of(), keep, Permission.SETID, Permission.WPATH),
                        "pledge:SETID,WPATH",
                        "deliver",
                        "shadow",
                        "outside");
        assertEquals("ok", got.get("deliver"), got.toString());
        fails(got, "shadow", "AccessDeniedException");
        fails(got, "outside", "AccessDeniedException");
        for (int uid : List.of(64005, 64006, 0, 64007)) {
            try (SafeFile mail = SafeFile.open(own.resolve("mail-" + uid)).orElseThrow()) {
                assertEquals(uid, mail.status().uid());
                assertEquals(uid, mail.status().gid());
                assertEquals(0600, mail.status().permissions());
            }
        }
    }

    @Test
    void aPledgedServerAcceptsOnTheSocketItWasGiven() throws IOException {
        needKernel();
        Sandbox sandbox = sandbox(Set.of(), Set.of(), Permission.ACCEPT);
        try (Child child =
                new Child(sandbox, Layers.probe(), "pledge:ACCEPT", "accept", "connect")) {
            assertEquals("pledge:ACCEPT ok", child.line());
            assertEquals("listening ok", child.line());
            try (SocketChannel client = SocketChannel.open(tcp.getLocalAddress())) {
                assertEquals(1, client.read(ByteBuffer.allocate(1)));
            }
            assertEquals("accept ok", child.line());
            assertTrue(child.line().startsWith("connect SocketException"));
        }
    }

    @Test
    void theParentKeepsItsRightsOnEveryThread() throws IOException {
        needKernel();
        needRoot();
        String before = rights(Files.readString(Path.of("/proc/self/status")));
        try (Child child = new Child(sandbox(Set.of(), Set.of()), Layers.probe(), "wait")) {
            assertEquals("wait ok", child.line());
        }
        int self = (int) ProcessHandle.current().pid();
        for (String status : statuses(self)) {
            assertEquals(before, rights(status));
            assertFalse(status.startsWith("Name:\tspawn"), "the dropped thread still exists");
        }
    }

    @Test
    void aKernelWithoutLayersStillStartsTheProcess() throws IOException {
        Layers none = new Layers(false, 0, false);
        try (Child child = new Child(sandbox(Set.of(), Set.of()), none, "own", "passwd")) {
            assertEquals("own ok", child.line());
            assertEquals("passwd ok", child.line());
        }
        assertEquals("sandbox: uid=no landlock=no net=no seccomp=no", none.line());
        assertFalse(none.complete());
        assertEquals(
                "sandbox: uid=yes landlock=abi7 net=yes seccomp=strict",
                new Layers(true, 7, true).line());
    }

    @Test
    void anOlderLandlockGetsTheRulesItKnows() throws IOException {
        assumeTrue(Landlock.abi() >= 1, "needs Landlock");
        for (int abi = 1; abi <= Landlock.abi(); abi++) {
            var rules = Landlock.rules(sandbox(Set.of(25), Set.of()), abi).orElseThrow();
            assertTrue(Descriptors.isOpen(rules.fd));
            rules.close();
        }
    }

    @Test
    void aRuleForAPathThatDoesNotExistIsLeftOut() throws IOException {
        assumeTrue(Landlock.abi() >= 1, "needs Landlock");
        Path nowhere = dir.resolve("nowhere");
        Sandbox sandbox =
                new Sandbox(
                        List.of(FileRule.read(nowhere)), Set.of(), Set.of(), Set.of(), Set.of());
        try (var rules = Landlock.rules(sandbox, Landlock.abi()).orElseThrow()) {
            assertEquals(List.of(nowhere), rules.absent());
        }
    }

    private static void fails(Map<String, String> got, String attempt, String how) {
        assertTrue(got.getOrDefault(attempt, "").startsWith(how), attempt + " in " + got);
    }

    private static void has(String status, String line) {
        assertTrue(
                status.lines().anyMatch(l -> l.strip().equals(line)), line + " not in\n" + status);
    }

    private static String rights(String status) {
        return String.join(
                "\n",
                status.lines()
                        .filter(l -> l.matches("(Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp.*):.*"))
                        .toList());
    }

    private static List<String> statuses(int pid) throws IOException {
        List<String> statuses = new ArrayList<>();
        try (var tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks.toList()) {
                try {
                    statuses.add(Files.readString(task.resolve("status")));
                } catch (IOException e) {
                    // a thread that ended while we looked
                    assertFalse(Files.exists(task));
                }
            }
        }
        return statuses;
    }
}
