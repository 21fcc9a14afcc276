package smtpd.parent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.sys.Descriptors;
import smtpd.core.sys.ExitStatus;
import smtpd.core.sys.Identity;
import smtpd.core.sys.SafeFile;
import smtpd.core.sys.Spawn;
import smtpd.core.sys.SysException;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// The drop box where `sendmail` leaves messages while the daemon is down: submits each again, as
/// the user who owns the file, once the daemon is up.
///
/// Anybody may write into the directory and nobody may list it. A file counts only if it is a
/// regular file with one name, not a link; its first line is the argument list joined by `|`
/// (OpenSMTPD: offline queue), the rest the message. What was submitted is removed, what was
/// refused for now stays.
final class OfflineQueue {
    private static final Logger LOG = LoggerFactory.getLogger(OfflineQueue.class);

    /// Everyone may add, nobody but the owner may list or remove others' files.
    static final String DIRECTORY_MODE = "rwx-wx-wx";

    private static final Duration FIRST_LOOK = Duration.ofSeconds(1);
    private static final Duration NEXT_LOOK = Duration.ofSeconds(60);

    /// Files of one look; the rest waits for the next.
    private static final int FILES_PER_LOOK = 1000;

    /// Bytes of the first line.
    private static final int ARGUMENTS_MAX = 65_536;

    private static final int EX_USAGE = 64;
    private static final int EX_TEMPFAIL = 75;

    private final Path directory;
    private final Path sendmail;
    private final List<String> environment;
    private final boolean root;

    /// @param directory the drop box
    /// @param sendmail the program that submits
    /// @param environment its environment
    /// @param root whether we may become the files' owners
    OfflineQueue(Path directory, Path sendmail, List<String> environment, boolean root) {
        this.directory = directory;
        this.sendmail = sendmail;
        this.environment = List.copyOf(environment);
        this.root = root;
    }

    /// Begins to look; called when the daemon is ready.
    void start() {
        Thread.ofPlatform().name("offline").daemon(true).start(this::keepLooking);
    }

    private void keepLooking() {
        LockSupport.parkNanos(FIRST_LOOK.toNanos());
        while (true) {
            look();
            LockSupport.parkNanos(NEXT_LOOK.toNanos());
        }
    }

    /// Submits what lies there now.
    void look() {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            int seen = 0;
            for (Path file : files) {
                if (seen++ >= FILES_PER_LOOK) {
                    return;
                }
                if (!isUnfinished(file)) {
                    submit(file);
                }
            }
        } catch (IOException e) {
            LOG.warn("warn: offline queue: {}", e.getMessage());
        }
    }

    /// Hidden until all of it is written.
    private static boolean isUnfinished(Path file) {
        return file.getFileName().toString().startsWith(".");
    }

    private void submit(Path path) {
        Optional<SafeFile> opened;
        try {
            opened = SafeFile.open(path);
        } catch (SysException e) {
            LOG.warn("warn: offline queue: {}", e.getMessage());
            return;
        }
        if (opened.isEmpty()) {
            return;
        }
        try (SafeFile file = opened.get()) {
            SafeFile.Status status = file.status();
            if (!status.regular() || status.links() != 1) {
                LOG.warn("warn: offline queue: {} is not a plain file", path.getFileName());
                return;
            }
            settle(path, run(file, Identity.of(status.uid(), status.gid())));
        } catch (IOException e) {
            LOG.warn("warn: offline queue: {}: {}", path.getFileName(), e.getMessage());
        } catch (RuntimeException e) {
            // Whatever somebody left there: the others are submitted.
            LOG.error("warn: offline queue: {}", path.getFileName(), e);
        }
    }

    private static void settle(Path path, int code) throws IOException {
        if (code == EX_TEMPFAIL) {
            return;
        }
        Files.delete(path);
        LOG.info(
                "info: offline message {} {}",
                path.getFileName(),
                code == 0 ? "submitted" : "refused, status " + code);
    }

    /// Runs sendmail as the owner with the message on standard input; its exit status, 75 for not
    /// now.
    private int run(SafeFile file, Identity owner) throws IOException {
        try (BufferedInputStream message = new BufferedInputStream(file.content(), 65_536)) {
            List<String> argv = arguments(message);
            if (argv.isEmpty()) {
                return EX_USAGE;
            }
            Descriptors.Pipe input = Descriptors.Pipe.open();
            Descriptors.Pipe nothing = Descriptors.Pipe.open();
            int pid;
            try {
                pid = start(argv, input.read(), nothing.write(), owner);
            } finally {
                Descriptors.close(input.read());
                Descriptors.close(nothing.write());
                Descriptors.close(nothing.read());
            }
            copy(message, input.write());
            return Spawn.waitFor(pid) instanceof ExitStatus.Exited(int code) ? code : EX_TEMPFAIL;
        }
    }

    private int start(List<String> argv, int input, int output, Identity owner)
            throws SysException {
        List<String> all = new ArrayList<>(List.of("sendmail"));
        all.addAll(argv.subList(1, argv.size()));
        Spawn.Request request =
                new Spawn.Request(
                        sendmail.toString(), all, environment, List.of(input, output, output), "/");
        return root ? Spawn.asUser(request, owner) : Spawn.start(request);
    }

    /// Reads the first line; the stream then stands at the message. Empty if there is no such line.
    private static List<String> arguments(InputStream message) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int octet;
        while ((octet = message.read()) != '\n') {
            if (octet <= 0 || line.size() >= ARGUMENTS_MAX) {
                return List.of();
            }
            line.write(octet);
        }
        return List.of(line.toString(StandardCharsets.UTF_8).split("\\|", -1));
    }

    private static void copy(InputStream from, int to) {
        try (OutputStream out = Descriptors.output(to)) {
            from.transferTo(out);
        } catch (IOException e) {
            LOG.debug("debug: offline message: {}", e.getMessage());
        }
    }
}
