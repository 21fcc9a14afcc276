package smtpd.e2e.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import smtpd.core.proc.Role;
import smtpd.core.proc.SandboxPolicy;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.Identity;
import smtpd.core.sys.Layers;
import smtpd.core.sys.Spawn;
import smtpd.e2e.sandbox.Probe.Attempt;
import smtpd.e2e.scenario.OwnNetwork;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// A program inside the policy of each process, after its pledge, tries what is forbidden: it gets
/// what the policy grants and nothing else.
class PolicyTest {
    private static final Identity NOBODY_ELSE = Identity.of(64001, 64001);
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    @TempDir private Path dir;
    private ServerSocketChannel allowed;
    private ServerSocketChannel other;
    private ServerSocketChannel unix;

    @BeforeEach
    void prepare() throws IOException, URISyntaxException {
        open(dir);
        open(Files.createDirectory(dir.resolve("own")));
        open(Files.createDirectory(dir.resolve("tables")));
        Files.writeString(dir.resolve("tables/aliases"), "a: b\n");
        copyClasses(FdSocket.class, "smtpd/core/sys");
        copyClasses(Probe.class, "smtpd/e2e/sandbox");
        allowed = listening();
        other = listening();
        unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        unix.bind(UnixDomainSocketAddress.of(dir.resolve("own/socket")));
        open(dir.resolve("own/socket"));
    }

    @AfterEach
    void close() throws IOException {
        allowed.close();
        other.close();
        unix.close();
    }

    private static void open(Path path) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static ServerSocketChannel listening() throws IOException {
        return ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private Path classes() {
        return dir.resolve("classes");
    }

    /// Puts the classes of a package where anybody may read them.
    private void copyClasses(Class<?> one, String folder) throws IOException, URISyntaxException {
        Path from = Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isRegularFile(from)) {
            Files.createDirectories(classes());
            Files.copy(from, classes().resolve("core.jar"));
            return;
        }
        try (Stream<Path> files = Files.walk(from.resolve(folder))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = classes().resolve(from.relativize(file));
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
    }

    private static int port(ServerSocketChannel channel) {
        return channel.socket().getLocalPort();
    }

    private SandboxPolicy policy(Role role) {
        Path own = dir.resolve("own");
        SandboxPolicy.Places places =
                new SandboxPolicy.Places(
                        JAVA_HOME,
                        List.of(classes()),
                        own,
                        own,
                        List.of(dir.resolve("tables/aliases")),
                        List.of(own));
        Set<Integer> ports = Set.of(port(allowed));
        return SandboxPolicy.of(role, places, new SandboxPolicy.Ports(ports, ports, ports));
    }

    private List<String> command(Role role) {
        List<String> argv =
                new ArrayList<>(
                        List.of(
                                "java",
                                "-XX:+UseSerialGC",
                                "-Xmx32m",
                                "-XX:-UsePerfData",
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                classes() + ":" + classes().resolve("core.jar"),
                                Probe.class.getName(),
                                dir.toString(),
                                Integer.toString(port(allowed)),
                                Integer.toString(port(other)),
                                Long.toString(ProcessHandle.current().pid())));
        SandboxPolicy.permissions(role).forEach(it -> argv.add(it.name()));
        return argv;
    }

    private String report(Role role) throws IOException {
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        Spawn.Request request =
                new Spawn.Request(
                        JAVA_HOME + "/bin/java",
                        command(role),
                        List.of("LC_ALL=C.UTF-8"),
                        List.of(pipe.write(), pipe.write(), pipe.write()),
                        "/");
        int pid = Spawn.sandboxed(request, NOBODY_ELSE, policy(role).sandbox(), Layers.probe());
        Descriptors.close(pipe.write());
        try (var in = Descriptors.input(pipe.read())) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            Spawn.waitFor(pid);
        }
    }

    /// What a process must be able to do.
    private static Set<Attempt> granted(Role role) {
        return switch (role) {
            case PARENT -> throw new IllegalArgumentException("the parent has no policy");
            case SMTP, SCHEDULER, CA -> EnumSet.noneOf(Attempt.class);
            case LKA -> EnumSet.of(Attempt.TABLE, Attempt.CONNECT, Attempt.IPV6, Attempt.UDP);
            case QUEUE, CONTROL -> EnumSet.of(Attempt.OWN);
            case MTA -> EnumSet.of(Attempt.CONNECT, Attempt.IPV6);
            case MDA -> EnumSet.of(Attempt.OWN, Attempt.CONNECT, Attempt.IPV6, Attempt.UNIX);
        };
    }

    @ParameterizedTest
    @EnumSource(value = Role.class, names = "PARENT", mode = EnumSource.Mode.EXCLUDE)
    @DisplayName("inside its walls a process can do what its policy grants and nothing else")
    void aProcessCanDoWhatItsPolicyGrants(Role role) throws IOException {
        Layers layers = Layers.probe();
        assumeTrue(layers.landlockAbi() >= 6, "needs Landlock ABI 6");
        assumeTrue(layers.seccomp(), "needs seccomp");
        String report = report(role);
        List<String> lines = report.lines().toList();
        assertEquals(Attempt.values().length + 1, lines.size(), report);
        assertEquals("pledge done", lines.getFirst(), report);
        Set<Attempt> done = EnumSet.noneOf(Attempt.class);
        for (Attempt attempt : Attempt.values()) {
            if (lines.contains(attempt.name().toLowerCase(Locale.ROOT) + " done")) {
                done.add(attempt);
            }
        }
        Set<Attempt> granted = granted(role);
        if (!OwnNetwork.hasIpv6()) {
            granted.remove(Attempt.IPV6);
        }
        assertEquals(granted, done, report);
        assertFalse(Files.exists(dir.resolve("outside")));
    }
}
