package smtpd.parent;

import smtpd.core.imsg.StatKind;
import smtpd.core.imsg.StatUpdate;
import smtpd.core.imsg.Stats;
import smtpd.core.proc.Role;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// How much memory the processes take, as the kernel counts it. Looked at by the parent, for a
/// confined process cannot look at itself.
final class ResidentMemory {
    /// How often it is looked at.
    static final Duration LOOK = Duration.ofSeconds(5);

    private static final String RESIDENT = "VmRSS:";
    private static final int KIBI = 1024;

    private ResidentMemory() {}

    /// For the statistics, `process.memory.NAME`: bytes in memory, pages shared with others
    /// included.
    ///
    /// @param pids the processes that run
    static Stats levels(Map<Role, Long> pids) {
        List<StatUpdate> levels = new ArrayList<>();
        pids.forEach((role, pid) ->
                of(pid).ifPresent(bytes ->
                        levels.add(
                                new StatUpdate(
                                        "process.memory." + role.word(), StatKind.SET, bytes, 0))));
        return new Stats(levels);
    }

    /// Empty if the process is gone, or its state cannot be read.
    static OptionalLong of(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
                if (line.startsWith(RESIDENT)) {
                    String[] words = line.substring(RESIDENT.length()).strip().split(" ", 2);
                    return OptionalLong.of(Long.parseLong(words[0]) * KIBI);
                }
            }
        } catch (IOException | NumberFormatException _) {
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
    }
}
