package smtpd.parent;

import smtpd.core.imsg.ProcessView;
import smtpd.core.imsg.StatKind;
import smtpd.core.imsg.StatUpdate;
import smtpd.core.imsg.Stats;
import smtpd.core.proc.Role;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How the kernel shows the processes: who they are, what they may do, what memory they take.
/// Looked at by the parent, for a confined process cannot look at itself.
final class KernelViews {
    /// How often they are looked at.
    static final Duration LOOK = Duration.ofSeconds(5);

    private static final int KIBI = 1024;
    private static final int HEX = 16;

    private final Path proc;

    /// @param proc where the kernel shows processes, `/proc`
    KernelViews(Path proc) {
        this.proc = proc;
    }

    /// The processes that run; one that is gone, or cannot be looked at, is left out.
    ///
    /// @param pids by process
    List<ProcessView> of(Map<Role, Long> pids) {
        List<ProcessView> views = new ArrayList<>();
        pids.forEach((role, pid) -> view(role, pid).ifPresent(views::add));
        return views;
    }

    /// For the statistics, `process.memory.NAME`: bytes in memory, pages shared with others
    /// included; and `process.heap.parent`, our own.
    static Stats levels(List<ProcessView> views) {
        List<StatUpdate> levels = new ArrayList<>();
        for (ProcessView it : views) {
            levels.add(level("process.memory." + it.process().word(), it.memory().resident()));
        }
        Runtime own = Runtime.getRuntime();
        levels.add(level("process.heap.parent", own.totalMemory() - own.freeMemory()));
        levels.add(level("process.heap-limit.parent", own.maxMemory()));
        return new Stats(levels);
    }

    private static StatUpdate level(String key, long value) {
        return new StatUpdate(key, StatKind.SET, value, 0);
    }

    private Optional<ProcessView> view(Role role, long pid) {
        Path directory = proc.resolve(Long.toString(pid));
        try {
            Fields status = Fields.read(directory.resolve("status"));
            return Optional.of(
                    new ProcessView(
                            role,
                            pid,
                            new ProcessView.Identity(
                                    (int) status.effective("Uid"), (int) status.effective("Gid")),
                            new ProcessView.Rights(
                                    status.hex("CapEff"),
                                    status.hex("CapBnd"),
                                    status.number("NoNewPrivs") != 0,
                                    (int) status.number("Seccomp"),
                                    (int) status.number("Seccomp_filters")),
                            new ProcessView.Memory(
                                    status.number("VmRSS") * KIBI,
                                    share(directory),
                                    (int) status.number("Threads"))));
        } catch (IOException | NumberFormatException _) {
            return Optional.empty();
        }
    }

    /// Its part of the memory, where each shared page counts for all who share it; only root is
    /// told that of another user's process.
    private static long share(Path directory) {
        try {
            return Fields.read(directory.resolve("smaps_rollup")).number("Pss") * KIBI;
        } catch (IOException | NumberFormatException _) {
            return -1;
        }
    }

    /// Lines `NAME: VALUE …`.
    private record Fields(Map<String, String> values) {
        static Fields read(Path file) throws IOException {
            Map<String, String> values = new HashMap<>();
            for (String line : Files.readAllLines(file)) {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    values.put(line.substring(0, colon), line.substring(colon + 1).strip());
                }
            }
            return new Fields(values);
        }

        private String[] words(String name) {
            return values.getOrDefault(name, "").split("\\s+", -1);
        }

        private long number(String name) {
            return Long.parseLong(words(name)[0]);
        }

        /// Of the real, effective, saved and file-system id the second.
        private long effective(String name) {
            String[] words = words(name);
            return Long.parseLong(words[words.length > 1 ? 1 : 0]);
        }

        private long hex(String name) {
            return Long.parseUnsignedLong(words(name)[0], HEX);
        }
    }
}
