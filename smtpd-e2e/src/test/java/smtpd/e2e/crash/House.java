package smtpd.e2e.crash;

import smtpd.core.proc.Role;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Ending;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The daemon with one local user and one relay, and the killing of its processes.
final class House implements AutoCloseable {
    /// The recipient whose mail is stored here.
    static final String LOCAL = "alice@example.org";

    /// A recipient whose mail is relayed.
    static final String FAR = "bob@far.example";

    /// No pause before the next connection to a server, for mail to be on its way when a process
    /// dies.
    private static final String EAGER =
            "mta limit conn-delay-route 0 conn-delay-relay 0 reconn-delay-route 0\n";

    /// The processes that are started again when they die.
    static final List<Role> CHILDREN =
            Stream.of(Role.values()).filter(role -> role != Role.PARENT).toList();

    private final Account account;
    private final Daemon daemon;
    private final Path newMail;
    private final int port;

    private House(Account account, Daemon daemon, int port) {
        this.account = account;
        this.daemon = daemon;
        this.port = port;
        newMail = daemon.prefix().resolve("home/alice/Maildir/new");
    }

    /// Starts it.
    ///
    /// @param relay the port of the far end
    static House open(Account account, int relay) throws IOException, InterruptedException {
        return open(account, conf(relay));
    }

    /// Starts it with a system log that is dead, where this machine has none of its own.
    ///
    /// @param relay the port of the far end
    static House openWithDeadLog(Account account, int relay)
            throws IOException, InterruptedException {
        return open(account, conf(relay), Daemon::startWithDeadLog);
    }

    private static String conf(int relay) {
        return """
        table users { alice = "UID:GID:PREFIX/home/alice" }
        listen on 127.0.0.1 port PORT hostname mx.example.org
        action "local" maildir userbase <users>
        action "far" relay host smtp://127.0.0.1:%d helo "mx.example.org"
        match from any for domain "example.org" action "local"
        match from any for any action "far"
        """
                .formatted(relay);
    }

    /// How a daemon is started.
    private interface Start {
        void of(Daemon daemon) throws IOException;
    }

    /// Starts it with a configuration, in which UID, GID, PREFIX and PORT stand for what it gets.
    static House open(Account account, String conf) throws IOException, InterruptedException {
        return open(account, conf, Daemon::start);
    }

    private static House open(Account account, String conf, Start start)
            throws IOException, InterruptedException {
        Daemon daemon = Daemon.prepare(account);
        try {
            int port = Ports.free(1).getFirst();
            Files.createDirectories(daemon.prefix().resolve("home/alice"));
            House house = new House(account, daemon, port);
            house.configure(conf);
            start.of(daemon);
            return house;
        } catch (IOException | RuntimeException | AssertionError e) {
            daemon.close();
            throw e;
        }
    }

    /// Gives it another configuration for its next start.
    void configure(String conf) throws IOException {
        daemon.write(
                "etc/smtpd.conf",
                (conf + EAGER)
                        .replace("UID", Integer.toString(account.uid()))
                        .replace("GID", Integer.toString(account.gid()))
                        .replace("PREFIX", daemon.prefix().toString())
                        .replace("PORT", Integer.toString(port)));
    }

    /// Ends the daemon in order.
    void stop() throws IOException, InterruptedException {
        daemon.stop();
    }

    Client client() {
        return new Client(port);
    }

    /// The messages in the mailbox of [#LOCAL].
    List<String> mailbox() {
        if (!Files.isDirectory(newMail)) {
            return List.of();
        }
        List<String> messages = new ArrayList<>();
        try (Stream<Path> files = Files.list(newMail)) {
            for (Path file : files.sorted().toList()) {
                messages.add(Files.readString(file, StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return messages;
    }

    /// What `smtpctl` says.
    String ask(String... words) {
        return daemon.ask(words);
    }

    /// What `smtpctl` prints, started as a program.
    String program(String... words) throws IOException, InterruptedException {
        return daemon.program("smtpctl", List.of(words), new byte[0]).output();
    }

    /// The processes that `smtpctl show status` does not list as running.
    List<Role> downNow() {
        String status = ask("show", "status");
        return CHILDREN.stream()
                .filter(role -> !status.matches("(?s).*process " + role.word() + " pid=[0-9]+ .*"))
                .toList();
    }

    /// Where the queue keeps its files.
    Path spool() {
        return daemon.prefix().resolve("var/spool/smtpd");
    }

    /// From now on nobody reads the log, until it is given back.
    Daemon.Unread unreadLog() {
        return daemon.unread();
    }

    /// The lines of the log.
    List<String> log() {
        return daemon.log(0);
    }

    /// Lines that the system log, which is dead, did not take.
    List<String> spilled() {
        return daemon.spilled();
    }

    /// Where they are.
    Path spill() {
        return daemon.spill();
    }

    String lastLines() {
        return daemon.lastLines();
    }

    /// The daemon's first process.
    Optional<ProcessHandle> parent() {
        String prefix = daemon.prefix().toString();
        return ProcessHandle.current()
                .children()
                .filter(it -> words(it).contains(prefix) && words(it).contains("smtpd.parent.Main"))
                .findFirst();
    }

    /// All its processes.
    List<ProcessHandle> processes() {
        return parent().stream()
                .flatMap(it -> Stream.concat(Stream.of(it), it.children()))
                .toList();
    }

    /// A process as it runs now; empty while it is being started again.
    Optional<ProcessHandle> child(Role role) {
        return parent().stream()
                .flatMap(ProcessHandle::children)
                .filter(it -> words(it).getFirst().equals("smtpd-" + role.word()))
                .findFirst();
    }

    private static List<String> words(ProcessHandle process) {
        try {
            String words = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
            return List.of(words.split("\0", -1));
        } catch (IOException e) {
            // it ended while we looked
            return List.of("");
        }
    }

    /// Kills a process as soon as it runs.
    ///
    /// @return the process that is no more
    ProcessHandle kill(Role role) {
        Waiting.until(() -> child(role).isPresent(), () -> role + " is gone:\n" + lastLines());
        ProcessHandle victim = child(role).orElseThrow();
        victim.destroyForcibly();
        Ending.await(List.of(victim), () -> role + " cannot be killed");
        return victim;
    }

    /// Kills everything at once and starts the daemon again.
    void killAll() throws IOException {
        ProcessHandle parent = parent().orElseThrow();
        List<ProcessHandle> victims = new ArrayList<>(parent.children().toList());
        victims.add(parent);
        parent.destroyForcibly();
        victims.forEach(ProcessHandle::destroyForcibly);
        Ending.await(victims, () -> "still there");
        startAgain();
    }

    /// Starts the daemon after its end.
    void startAgain() throws IOException {
        daemon.start();
    }

    @Override
    public void close() throws IOException {
        daemon.close();
    }
}
