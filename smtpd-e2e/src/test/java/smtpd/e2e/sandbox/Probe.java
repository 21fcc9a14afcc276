package smtpd.e2e.sandbox;

import smtpd.core.sys.Permission;
import smtpd.core.sys.Pledge;
import smtpd.core.sys.Spawn;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// The program inside the sandbox: pledges, tries everything, and prints for each attempt `name
/// done` or `name refused …`.
final class Probe {
    /// What is tried.
    enum Attempt {
        SHADOW,
        OUTSIDE,
        OWN,
        TABLE,
        CONNECT,
        IPV6,
        ELSEWHERE,
        ENVIRONMENT,
        PROCESSES,
        BIND,
        UDP,
        UNIX,
        EXEC,
        SIGNAL
    }

    private interface Deed {
        void run() throws IOException;
    }

    private final Path dir;
    private final InetSocketAddress allowed;
    private final InetSocketAddress other;
    private final int parent;

    private Probe(String[] args) {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        dir = Path.of(args[0]);
        allowed = new InetSocketAddress(loopback, Integer.parseInt(args[1]));
        other = new InetSocketAddress(loopback, Integer.parseInt(args[2]));
        parent = Integer.parseInt(args[3]);
    }

    /// @param args the directory of the test, a port that may be reached, one that may not, the
    ///   process id of the test, then the names of the permissions to pledge
    public static void main(String[] args) throws IOException {
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        Arrays.stream(args).skip(4).map(Permission::valueOf).forEach(permissions::add);
        Probe probe = new Probe(args);
        Pledge.preload();
        StringBuilder report = new StringBuilder();
        boolean filtered = Pledge.of(permissions).apply(Pledge.Mode.ERRNO).seccomp();
        report.append("pledge ").append(filtered ? "done" : "refused").append('\n');
        for (Attempt attempt : Attempt.values()) {
            String name = attempt.name().toLowerCase(Locale.ROOT);
            report.append(name).append(' ').append(probe.result(attempt)).append('\n');
        }
        System.out.print(report);
        System.out.flush();
    }

    private String result(Attempt attempt) {
        try {
            deed(attempt).run();
            return "done";
        } catch (IOException e) {
            return "refused " + e.toString().lines().findFirst().orElse("");
        }
    }

    private static void processes() throws IOException {
        try (DirectoryStream<Path> _ = Files.newDirectoryStream(Path.of("/proc"))) {
            // to open it is the attempt
        }
    }

    private Deed deed(Attempt attempt) {
        return switch (attempt) {
            case SHADOW -> () -> Files.readString(Path.of("/etc/shadow"));
            case OUTSIDE -> () -> Files.writeString(dir.resolve("outside"), "x");
            case OWN -> () -> Files.writeString(dir.resolve("own/file"), "x");
            case TABLE -> () -> Files.readString(dir.resolve("tables/aliases"));
            case CONNECT -> () -> SocketChannel.open(allowed).close();
            case IPV6 -> this::sixth;
            case ENVIRONMENT -> () -> Files.readString(Path.of("/proc/" + parent + "/environ"));
            case PROCESSES -> Probe::processes;
            case ELSEWHERE -> () -> SocketChannel.open(other).close();
            case BIND -> this::listen;
            case UDP -> this::datagram;
            case UNIX ->
                    () ->
                            SocketChannel.open(
                                            UnixDomainSocketAddress.of(dir.resolve("own/socket")))
                                    .close();
            case EXEC -> () -> new ProcessBuilder("/bin/true").start();
            case SIGNAL -> () -> Spawn.kill(parent, 0);
        };
    }

    private void listen() throws IOException {
        try (ServerSocketChannel channel = ServerSocketChannel.open()) {
            channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        }
    }

    /// A socket can be made; what is at the other end does not matter.
    private void sixth() throws IOException {
        try (SocketChannel channel = SocketChannel.open()) {
            channel.connect(new InetSocketAddress(InetAddress.ofLiteral("::1"), allowed.getPort()));
        } catch (ConnectException _) {
            return;
        }
    }

    private void datagram() throws IOException {
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.send(ByteBuffer.allocate(1), allowed);
        }
    }
}
