package smtpd.dist;

import static java.nio.charset.StandardCharsets.US_ASCII;

import smtpd.core.conf.ConfParser;
import smtpd.core.conf.ConfResult;
import smtpd.core.conf.Config;
import smtpd.core.conf.HostEnvironment;
import smtpd.core.log.Logging;
import smtpd.core.proc.Confinement;
import smtpd.core.proc.Paths;
import smtpd.core.proc.Role;
import smtpd.core.sys.Credentials;
import smtpd.parent.OneProcess;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// Serves mail for a few seconds in one JVM, so that the archive of pre-loaded classes (AOT cache)
/// that is recorded meanwhile holds what all processes need from their first message on: their
/// classes, linked, and which methods were worth compiling.
public final class Rehearsal {
    /// Messages of each client: enough for what is hot to be compiled.
    private static final int MESSAGES = 150;

    private static final int CLIENTS = 4;

    private static final String CONTENT =
            "From: alice@client.example\r\nTo: bob@far.example\r\nSubject: rehearsal\r\n\r\n"
                    + "The quick brown fox jumps over the lazy dog.\r\n".repeat(20);

    /// Who has a mailbox: the one who builds, or, as root may have none, nobody.
    private static final String RECIPIENT =
            Credentials.effectiveUid() == 0 ? "nobody" : System.getProperty("user.name");

    /// How long all of it may take on a slow machine.
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final Map<Role, OneProcess.Program> PROGRAMS =
            Map.of(
                    Role.SMTP, smtpd.smtp.Main::main,
                    Role.LKA, smtpd.lka.Main::main,
                    Role.QUEUE, smtpd.queue.Main::main,
                    Role.SCHEDULER, smtpd.scheduler.Main::main,
                    Role.MTA, smtpd.mta.Main::main,
                    Role.MDA, smtpd.mda.Main::main,
                    Role.CA, smtpd.ca.Main::main,
                    Role.CONTROL, smtpd.control.Main::main);

    private Rehearsal() {}

    /// Ends with status 0 when every message has arrived, else with 1.
    public static void main(String[] args) {
        PrintStream err = System.err;
        int status = 1;
        try {
            status = rehearse();
        } catch (Exception e) {
            err.println("rehearsal: " + e);
        }
        Runtime.getRuntime().exit(status);
    }

    private static int rehearse() throws Exception {
        System.setProperty(Confinement.PROPERTY, "off");
        // thousands of lines about mail that nobody wants to read
        System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, US_ASCII));
        Logging.toStandardError();
        Path home = Files.createTempDirectory("smtpd-rehearsal");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
        try (FarEnd far = FarEnd.start()) {
            int port = freePort();
            Config config = config(home.resolve("Maildir"), port, far.port());
            OneProcess.start(config, Paths.below(home), PROGRAMS);
            perform(port);
            awaitArrival(far, home.resolve("Maildir/new"));
            List<String> command = List.of("--prefix", home.toString(), "show", "status");
            return smtpd.control.client.Main.call("smtpctl", Map.of(), command);
        } finally {
            delete(home);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Config config(Path maildir, int port, int farPort) {
        String text =
                """
                mta limit session-mail-max 1000
                listen on 127.0.0.1 port %d
                table aliases { postmaster = %s }
                action "local" maildir "%s" alias <aliases>
                action "relay" relay host smtp+notls://127.0.0.1:%d
                match from any for domain "local.example" action "local"
                match from any for domain "far.example" action "relay"
                """
                        .formatted(port, RECIPIENT, maildir, farPort);
        int owner = Credentials.effectiveUid();
        HostEnvironment host =
                new HostEnvironment("rehearsal.example", owner, List.of(), List.of());
        ConfResult result = ConfParser.parse("rehearsal", text, Map.of(), host);
        Config config = result.config();
        if (config == null) {
            throw new IllegalStateException(result.errors().toString());
        }
        return config;
    }

    /// Sends half of the messages to a mailbox and half to the far end.
    private static void perform(int port) throws InterruptedException, ExecutionException {
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                all.add(
                        clients.submit(() -> {
                            for (int n = 0; n < MESSAGES; n++) {
                                String to =
                                        n % 2 == 0 ? "postmaster@local.example" : "bob@far.example";
                                send(port, to);
                            }
                            return true;
                        }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
    }

    private static void send(int port, String to) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            OutputStream out = socket.getOutputStream();
            expect(in, '2');
            List<String> commands =
                    List.of(
                            "EHLO client.example",
                            "MAIL FROM:<alice@client.example>",
                            "RCPT TO:<" + to + ">",
                            "DATA",
                            CONTENT + ".",
                            "QUIT");
            for (String command : commands) {
                out.write((command + "\r\n").getBytes(US_ASCII));
                expect(in, command.equals("DATA") ? '3' : '2');
            }
        }
    }

    private static void expect(BufferedReader in, char first) throws IOException {
        String line;
        do {
            line = in.readLine();
            if (line == null || line.charAt(0) != first) {
                throw new IOException("the rehearsal failed: " + line);
            }
        } while (line.charAt(3) == '-');
    }

    private static void awaitArrival(FarEnd far, Path mailbox) throws IOException {
        int each = CLIENTS * MESSAGES / 2;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (far.received() < each || count(mailbox) < each) {
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("the rehearsal failed: " + far.received() + " relayed");
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private static long count(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.count();
        }
    }

    /// As far as that is possible: the processes are still at work, and what they make or remove
    /// meanwhile must not spoil a rehearsal that went well.
    private static void delete(Path home) {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException _) {
            // a few small files stay in the temporary directory
        }
    }
}
