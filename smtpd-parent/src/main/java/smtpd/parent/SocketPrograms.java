package smtpd.parent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.smtp.Printable;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.Spawn;
import smtpd.core.sys.SysException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/// Programs that run beside us and talk over a socket: by name, one of a name at a time. What they
/// write to their standard error is logged.
final class SocketPrograms {
    private static final Logger LOG = LoggerFactory.getLogger(SocketPrograms.class);

    /// Bytes of a line of standard error that are logged.
    private static final int LINE_MAX = 1024;

    private final String kind;
    private final String prefix;
    private final Map<String, Integer> running = new HashMap<>();
    private boolean stopped;

    /// @param kind what they are, for names of threads
    /// @param prefix what a line of standard error is logged behind, before the program's name
    SocketPrograms(String kind, String prefix) {
        this.kind = kind;
        this.prefix = prefix;
    }

    /// Starts one program.
    @FunctionalInterface
    interface Start {
        /// Starts it with these as its descriptors 0, 1 and 2; returns its process id.
        int start(List<Integer> fds) throws SysException;
    }

    /// Where programs are looked for: beside our own jars, then where other packages put theirs.
    static List<Path> folders(Path lib) {
        return List.of(
                lib.resolveSibling("libexec"),
                Path.of("/usr/libexec/smtpd"),
                Path.of("/usr/libexec/opensmtpd"),
                Path.of("/usr/local/libexec/smtpd"),
                Path.of("/usr/lib/opensmtpd"));
    }

    /// Starts the program of a name, ending one that runs, and lends the other end of its standard
    /// input and output to `taker`.
    void start(String name, Start how, IntConsumer taker) throws SysException {
        FdSocket[] pair = FdSocket.pair();
        try {
            spawn(name, how, pair[1].fd());
            taker.accept(pair[0].fd());
        } finally {
            // whoever took it and the program hold duplicates; FdSocket.close would shut them down
            Descriptors.close(pair[0].fd());
            Descriptors.close(pair[1].fd());
        }
    }

    private synchronized void spawn(String name, Start how, int socket) throws SysException {
        if (stopped) {
            return;
        }
        end(name);
        Descriptors.Pipe errors = Descriptors.Pipe.open();
        try {
            int pid = how.start(List.of(socket, socket, errors.write()));
            running.put(name, pid);
            Thread.ofPlatform().name(kind + " " + name).daemon(true).start(() -> watch(name, pid));
        } catch (SysException e) {
            Descriptors.close(errors.read());
            throw e;
        } finally {
            Descriptors.close(errors.write());
        }
        Thread.ofPlatform()
                .name(kind + " errors " + name)
                .daemon(true)
                .start(() -> relay(name, errors.read()));
    }

    private void watch(String name, int pid) {
        try {
            LOG.debug("debug: {} {}: program {}", kind, name, Spawn.waitFor(pid));
        } catch (SysException e) {
            throw new IllegalStateException("waiting for program " + pid, e);
        }
        synchronized (this) {
            if (running.remove(name, pid)) {
                // what it left behind in its group would go on with nobody to talk to
                kill(pid);
            }
        }
    }

    /// Logs what the program says, line by line.
    private void relay(String name, int fd) {
        byte[] line = new byte[LINE_MAX];
        int length = 0;
        byte[] buffer = new byte[LINE_MAX];
        try (InputStream in = Descriptors.input(fd)) {
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                for (int i = 0; i < count; i++) {
                    if (buffer[i] == '\n') {
                        log(name, line, length);
                        length = 0;
                    } else if (length < LINE_MAX) {
                        line[length++] = buffer[i];
                    }
                }
            }
            log(name, line, length);
        } catch (IOException e) {
            LOG.debug("debug: {} {}: {}", kind, name, e.getMessage());
        }
    }

    private void log(String name, byte[] line, int length) {
        String text = new String(line, 0, length, StandardCharsets.UTF_8).strip();
        if (!text.isEmpty()) {
            LOG.info("{}{}: {}", prefix, name, Printable.escape(text, LINE_MAX));
        }
    }

    /// Ends the program of a name and all it started, if it runs.
    synchronized void end(String name) {
        Integer pid = running.remove(name);
        if (pid != null) {
            kill(pid);
        }
    }

    /// The daemon stops: ends every program and starts no more.
    synchronized void stop() {
        stopped = true;
        endAll();
    }

    /// Ends every program.
    synchronized void endAll() {
        List.copyOf(running.keySet()).forEach(this::end);
    }

    private static void kill(int pid) {
        try {
            if (!Spawn.killGroup(pid, Spawn.SIGKILL)) {
                LOG.debug("debug: program {} is gone", pid);
            }
        } catch (SysException e) {
            LOG.debug("debug: ending program {}: {}", pid, e.getMessage());
        }
    }
}
