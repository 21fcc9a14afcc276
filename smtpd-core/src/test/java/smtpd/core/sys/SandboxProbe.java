package smtpd.core.sys;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/// The program inside the sandbox: tries what its arguments name, in order, and prints for each
/// `name ok` or `name <how it failed>`.
final class SandboxProbe {
    private interface Attempt {
        void run() throws IOException, GeneralSecurityException, InterruptedException;
    }

    private SandboxProbe() {}

    /// @param args own directory, a TCP port that listens, a Unix socket that listens, then
    ///   attempts
    public static void main(String[] args) {
        Path own = Path.of(args[0]);
        int port = Integer.parseInt(args[1]);
        Path socket = Path.of(args[2]);
        for (String name : List.of(args).subList(3, args.length)) {
            report(name, attempt(name, own, port, socket));
        }
    }

    private static Attempt attempt(String name, Path own, int port, Path socket) {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        if (name.startsWith("pledge")) {
            return () -> pledge(name);
        }
        return switch (name) {
            case "shadow" -> () -> Files.readString(Path.of("/etc/shadow"));
            case "passwd" -> () -> Files.readString(Path.of("/etc/passwd"));
            case "list" -> () -> list(Path.of("/"));
            case "outside" -> () -> Files.writeString(own.resolveSibling("outside"), "x");
            case "own" -> () -> own(own);
            case "read" -> () -> Files.readString(own.resolve("given"));
            case "connect" ->
                    () -> SocketChannel.open(new InetSocketAddress(loopback, port)).close();
            case "bind" ->
                    () ->
                            ServerSocketChannel.open()
                                    .bind(new InetSocketAddress(loopback, 0))
                                    .close();
            case "udp" -> () -> udp(new InetSocketAddress(loopback, port));
            case "unix" -> () -> SocketChannel.open(UnixDomainSocketAddress.of(socket)).close();
            case "exec" -> () -> new ProcessBuilder("/bin/true").start();
            case "signal" -> () -> Native.call("kill", Sys.KILL, parent(), 0);
            case "setuid" -> () -> Native.call("setresuid", Sys.SETRESUID, 0, 0, 0);
            case "setgroups" -> () -> Native.call("setgroups", Sys.SETGROUPS, 0, 0);
            case "unshare" -> () -> Native.call("unshare", Sys.UNSHARE, 0x10000000);
            case "deliver" -> () -> deliver(own);
            case "accept" -> SandboxProbe::accept;
            case "work" -> SandboxProbe::work;
            case "crypt" -> SandboxProbe::crypt;
            case "wait" -> () -> new CountDownLatch(1).await();
            case "status" -> () -> {};
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static void report(String name, Attempt attempt) {
        String result = "ok";
        try {
            if (name.equals("wait")) {
                print("wait ok");
            }
            attempt.run();
        } catch (SysException e) {
            result = e.errnoName();
        } catch (Throwable e) {
            result = e.getClass().getSimpleName() + " " + e.getMessage();
        }
        print(name + " " + result);
    }

    private static void print(String line) {
        try (OutputStream out = Descriptors.output(Descriptors.duplicate(1, 3))) {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long parent() {
        return ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(1L);
    }

    private static void own(Path own) throws IOException {
        Path file = Files.writeString(own.resolve("new"), "x");
        Path renamed = Files.move(file, own.resolve("renamed"));
        Files.createDirectory(own.resolve("dir"));
        Files.delete(own.resolve("dir"));
        Files.delete(renamed);
    }

    private static void list(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            print("files " + files.count());
        }
    }

    private static void udp(InetSocketAddress to) throws IOException {
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.send(ByteBuffer.allocate(1), to);
        }
    }

    /// `pledge`, or `pledge:WPATH,CONNECT`, or `pledge-kill`.
    private static void pledge(String name) throws IOException {
        Pledge.preload();
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        int colon = name.indexOf(':');
        if (colon > 0) {
            for (String permission : name.substring(colon + 1).split(",", -1)) {
                permissions.add(Permission.valueOf(permission));
            }
        }
        Pledge.Mode mode = name.startsWith("pledge-kill") ? Pledge.Mode.KILL : Pledge.Mode.ERRNO;
        Pledge.Report report = Pledge.of(permissions).apply(mode);
        if (!report.seccomp()) {
            throw new IOException("no seccomp");
        }
    }

    /// Writes a file as one user after another, the last being user 0, and is itself again.
    private static void deliver(Path own) throws IOException {
        int before = Credentials.effectiveUid();
        for (int uid : List.of(64005, 64006, 0, 64007)) {
            Identity user = new Identity(uid, uid, List.of(uid, 64099));
            try (Credentials.Assumed _ = Credentials.assume(user)) {
                Files.writeString(own.resolve("mail-" + uid), "x");
            }
        }
        if (Credentials.effectiveUid() != before) {
            throw new IOException("not who it was");
        }
    }

    /// Takes a connection on the listening socket it was given as descriptor 3.
    private static void accept() throws IOException, InterruptedException {
        try (ServerSocketChannel listener = Channels.listening(3)) {
            print("listening ok");
            FutureTask<Integer> session =
                    new FutureTask<>(() -> {
                        try (SocketChannel client = listener.accept()) {
                            return client.write(ByteBuffer.wrap(new byte[] {42}));
                        }
                    });
            Thread.ofVirtual().start(session).join();
            if (session.state() != Future.State.SUCCESS) {
                throw new IOException(session.exceptionNow());
            }
        }
    }

    /// Passwords are checked on threads of their own; the library was loaded before the pledge.
    private static void crypt() throws InterruptedException {
        FutureTask<Crypt.Fit> check =
                new FutureTask<>(() -> Crypt.check("pw", Crypt.newHash("pw").orElseThrow()));
        Thread.ofPlatform().start(check).join();
        if (check.resultNow() != Crypt.Fit.YES) {
            throw new IllegalStateException("does not fit");
        }
    }

    /// What every process does all day: threads of both kinds, garbage, keys, native links.
    private static void work() throws GeneralSecurityException, InterruptedException {
        List<Thread> threads = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1200);
        for (int i = 0; i < 200; i++) {
            threads.add(Thread.ofPlatform().start(done::countDown));
        }
        for (int i = 0; i < 1000; i++) {
            threads.add(Thread.ofVirtual().start(done::countDown));
        }
        done.await();
        for (Thread thread : threads) {
            thread.join();
        }
        long sum = 0;
        for (int i = 0; i < 2000; i++) {
            sum += new byte[100_000].length;
        }
        System.gc();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        sum += generator.generateKeyPair().getPublic().getEncoded().length;
        if (sum < 0) {
            throw new IllegalStateException("overflow");
        }
    }
}
