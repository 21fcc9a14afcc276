package smtpd.e2e.filters;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Distribution;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A daemon with filters, one listener for each, and a mailbox: `alice@local.example`.
public final class FilterHouse implements AutoCloseable {
    private final Daemon daemon;
    private final List<String> lines = new ArrayList<>();

    private FilterHouse(Daemon daemon) {
        this.daemon = daemon;
    }

    /// A house where nothing runs yet, as the user of the tests or nobody.
    public static FilterHouse unprivileged() throws IOException, InterruptedException {
        Account account = Account.unprivileged();
        return of(account);
    }

    /// A house where nothing runs yet.
    public static FilterHouse of(Account account) throws IOException, InterruptedException {
        Daemon daemon = Daemon.prepare(account);
        Files.createDirectories(daemon.prefix().resolve("home/alice"));
        Files.createDirectories(daemon.prefix().resolve("filters"));
        FilterHouse house = new FilterHouse(daemon);
        daemon.write(
                "etc/passwd",
                "alice:x:%d:%d::%s/home/alice:/bin/sh\n"
                        .formatted(account.uid(), account.gid(), daemon.prefix()));
        house.line("table users passwd:%s/etc/passwd".formatted(daemon.prefix()));
        house.line("action \"local\" maildir userbase <users>");
        house.line("match from any for domain \"local.example\" action \"local\"");
        return house;
    }

    /// The daemon.
    public Daemon daemon() {
        return daemon;
    }

    /// Adds a line to the configuration.
    public void line(String text) {
        lines.add(text);
    }

    /// Adds a filter that is a program.
    public void program(String name, String command) {
        line("filter \"%s\" proc-exec \"%s\"".formatted(name, command.replace("\"", "\\\"")));
    }

    /// Adds a listener.
    ///
    /// @param filter what stands behind the word `filter`
    /// @return its port
    public int listen(String filter) throws IOException {
        int port = Ports.free(1).getFirst();
        line(
                "listen on 127.0.0.1 port %d hostname mx.example.org filter %s"
                        .formatted(port, filter));
        return port;
    }

    /// Adds a listener whose clients a proxy names.
    ///
    /// @param filter what stands behind the word `filter`
    /// @return its port
    public int listenBehindProxy(String filter) throws IOException {
        int port = listen(filter);
        int last = lines.size() - 1;
        lines.set(last, lines.get(last) + " proxy-v2");
        return port;
    }

    /// Copies a file to where everybody can read and run it.
    public Path copy(Path from) throws IOException {
        Path to = daemon.prefix().resolve("filters").resolve(String.valueOf(from.getFileName()));
        Files.copy(from, to);
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwxr-xr-x"));
        return to;
    }

    /// A directory filters may write to.
    public Path open(String name) throws IOException {
        Path directory = Files.createDirectories(daemon.prefix().resolve(name));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        return directory;
    }

    /// The command that runs a filter in Java from its source.
    public String java(Path source) throws IOException {
        Path jar = daemon.prefix().resolve("filters/smtpd-filter.jar");
        if (!Files.exists(jar)) {
            copy(Distribution.built().directory().resolve("lib/smtpd-filter.jar"));
        }
        return "%s/bin/java -XX:+UseSerialGC -Xmx64m -XX:TieredStopAtLevel=1 -cp %s %s"
                .formatted(System.getProperty("java.home"), jar, source);
    }

    /// Starts the daemon; names are looked up on a port of 127.0.0.1.
    public void start(int dnsPort) throws IOException {
        daemon.write("etc/resolv.conf", "nameserver 127.0.0.1:" + dnsPort + "\n");
        daemon.write("etc/smtpd.conf", String.join("\n", lines) + "\n");
        daemon.start();
    }

    /// Waits for the only message of the mailbox, takes it out and gives it back.
    public String awaitMail() throws IOException {
        Path inbox = daemon.prefix().resolve("home/alice/Maildir/new");
        Waiting.until(() -> !mails(inbox).isEmpty(), () -> "no mail:\n" + daemon.lastLines());
        Path mail = mails(inbox).getFirst();
        String text = Files.readString(mail, StandardCharsets.ISO_8859_1);
        Files.delete(mail);
        return text;
    }

    private static List<Path> mails(Path inbox) {
        if (!Files.isDirectory(inbox)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(inbox)) {
            return files.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        daemon.close();
    }
}
