package smtpd.parent;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.TableConf;
import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.proc.LinkPeer;
import smtpd.core.sys.Identity;
import smtpd.core.sys.Spawn;
import smtpd.core.sys.SysException;

import java.nio.file.Files;
import java.nio.file.Path;
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
    /// Backends that are no programs.
    static final List<String> BUILT_IN = List.of("passwd", "sqlite");

    /// The backend whose parameter is itself a program.
    private static final String PROC = "proc";

    private static final List<String> ENVIRONMENT =
            List.of("PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8");

    private final Map<String, TableConf.BackendTable> tables = new LinkedHashMap<>();
    private final List<Path> folders;
    private final @Nullable Identity user;
    private final SocketPrograms programs = new SocketPrograms("table", "info: table ");

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
            programs.start(
                    name,
                    fds -> spawn(command.get(), fds),
                    fd -> asker.answerWithFd(request, new ParentToChild.TableStarted(), fd));
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

    private int spawn(List<String> argv, List<Integer> fds) throws SysException {
        Spawn.Request request = new Spawn.Request(argv.getFirst(), argv, ENVIRONMENT, fds, "/");
        return user == null ? Spawn.start(request) : Spawn.asUser(request, user);
    }

    /// Ends the program of a table and all it started, if it runs.
    void end(String name) {
        programs.end(name);
    }

    /// The daemon stops: ends every program and starts no more.
    void stop() {
        programs.stop();
    }

    /// Ends every program.
    void endAll() {
        programs.endAll();
    }
}
