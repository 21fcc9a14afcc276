package smtpd.parent;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.TableConf;
import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.proc.LinkPeer;
import smtpd.core.smtp.Printable;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.Identity;
import smtpd.core.sys.Spawn;
import smtpd.core.sys.SysException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Runs the programs of tables as the daemon's own user, and hands lka the other end of their
/// standard input and output. What runs is what the configuration says and nothing lka could name.
///
/// `table NAME proc:/path` is a program; `table NAME BACKEND:/path` is the program `table-BACKEND`
/// with the path as its argument (OpenSMTPD: the same). What it writes to its standard error is
/// logged.
final class TablePrograms {
    private static final Logger LOG = LoggerFactory.getLogger(TablePrograms.class);

    /// Backends that are no programs.
    static final List<String> BUILT_IN = List.of("passwd", "sqlite");

    /// The backend whose parameter is itself a program.
    private static final String PROC = "proc";

    /// Bytes of a line of standard error that are logged.
    private static final int LINE_MAX = 1024;

    private static final List<String> ENVIRONMENT =
            List.of("PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8");

    private final Map<String, TableConf.BackendTable> tables = new LinkedHashMap<>();
    private final List<Path> folders;
    private final @Nullable Identity user;
    private final Map<String, Integer> running = new HashMap<>();
    private boolean stopped;

    /// @param tables of the configuration
    /// @param folders where programs are looked for, in this order
    /// @param user as whom they run; null for ourselves
    TablePrograms(Map<String, TableConf> tables, List<Path> folders, @Nullable Identity user) {
        tables.forEach((name, table) -> {
            if (table instanceof TableConf.BackendTable it && isProgram(it.backend())) {
                this.tables.put(name, it);
            }
        });
        this.folders = List.copyOf(folders);
        this.user = user;
    }

    /// Whether tables of that backend are programs.
    static boolean isProgram(String backend) {
        return !BUILT_IN.contains(backend) && !backend.equals("getpwnam");
    }

    /// Where table programs are looked for: beside our own jars, then where other packages put
    /// theirs.
    static List<Path> folders(Path lib) {
        return List.of(
                lib.resolveSibling("libexec"),
                Path.of("/usr/libexec/smtpd"),
                Path.of("/usr/libexec/opensmtpd"),
                Path.of("/usr/local/libexec/smtpd"),
                Path.of("/usr/lib/opensmtpd"));
    }

    /// Starts the program of a table and answers with its socket. One that still runs is ended.
    void start(LinkPeer<ParentToChild, ChildToParent> asker, long request, String name) {
        TableConf.BackendTable table = tables.get(name);
        if (table == null) {
            asker.answer(request, new ParentToChild.TableRefused("no program belongs to it"));
            return;
        }
        Optional<List<String>> command = command(table);
        if (command.isEmpty()) {
            String missing = "no program table-" + table.backend();
            asker.answer(request, new ParentToChild.TableRefused(missing));
            return;
        }
        try {
            FdSocket[] pair = FdSocket.pair();
            try {
                spawn(name, command.get(), pair[1].fd());
                asker.answerWithFd(request, new ParentToChild.TableStarted(), pair[0].fd());
            } finally {
                // lka and the program hold duplicates; FdSocket.close would shut them down
                Descriptors.close(pair[0].fd());
                Descriptors.close(pair[1].fd());
            }
        } catch (SysException e) {
            String why = command.get().getFirst() + ": " + e.getMessage();
            asker.answer(request, new ParentToChild.TableRefused(why));
        }
    }

    private Optional<List<String>> command(TableConf.BackendTable table) {
        if (table.backend().equals(PROC)) {
            return Optional.of(List.of(table.path()));
        }
        return folders.stream()
                .map(folder -> folder.resolve("table-" + table.backend()))
                .filter(Files::isExecutable)
                .findFirst()
                .map(program -> List.of(program.toString(), table.path()));
    }

    private synchronized void spawn(String name, List<String> argv, int socket)
            throws SysException {
        if (stopped) {
            return;
        }
        end(name);
        Descriptors.Pipe errors = Descriptors.Pipe.open();
        try {
            Spawn.Request request =
                    new Spawn.Request(
                            argv.getFirst(),
                            argv,
                            ENVIRONMENT,
                            List.of(socket, socket, errors.write()),
                            "/");
            int pid = user == null ? Spawn.start(request) : Spawn.asUser(request, user);
            running.put(name, pid);
            Thread.ofPlatform().name("table " + name).daemon(true).start(() -> watch(name, pid));
        } catch (SysException e) {
            Descriptors.close(errors.read());
            throw e;
        } finally {
            Descriptors.close(errors.write());
        }
        Thread.ofPlatform()
                .name("table errors " + name)
                .daemon(true)
                .start(() -> relay(name, errors.read()));
    }

    private void watch(String name, int pid) {
        try {
            LOG.debug("debug: table {}: program {}", name, Spawn.waitFor(pid));
        } catch (SysException e) {
            throw new IllegalStateException("waiting for table program " + pid, e);
        }
        synchronized (this) {
            if (running.remove(name, pid)) {
                // what it left behind in its group would go on with nobody to talk to
                kill(pid);
            }
        }
    }

    /// Logs what the program says, line by line.
    private static void relay(String name, int fd) {
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
            LOG.debug("debug: table {}: {}", name, e.getMessage());
        }
    }

    private static void log(String name, byte[] line, int length) {
        String text = new String(line, 0, length, StandardCharsets.UTF_8).strip();
        if (!text.isEmpty()) {
            LOG.info("info: table {}: {}", name, Printable.escape(text, LINE_MAX));
        }
    }

    /// Ends the program of a table and all it started, if it runs.
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
                LOG.debug("debug: table program {} is gone", pid);
            }
        } catch (SysException e) {
            LOG.debug("debug: ending table program {}: {}", pid, e.getMessage());
        }
    }
}
