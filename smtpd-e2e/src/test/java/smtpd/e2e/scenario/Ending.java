package smtpd.e2e.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.function.Supplier;

/// Whether processes have ended.
///
/// One that has ended is listed until its parent, or the first process of the machine for one
/// without, takes notice, which may take seconds (`Z` in proc_pid_stat(5)). It holds nothing any
/// more: no files, no locks, no ports.
public final class Ending {
    private static final String ENDED = "ZX";

    private Ending() {}

    /// Waits until all of them have ended.
    ///
    /// @param failure what to say when one goes on
    public static void await(Collection<ProcessHandle> processes, Supplier<String> failure) {
        Waiting.until(() -> processes.stream().allMatch(Ending::hasEnded), failure);
    }

    private static boolean hasEnded(ProcessHandle process) {
        if (!process.isAlive()) {
            return true;
        }
        try {
            String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
            return ENDED.indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) >= 0;
        } catch (IOException _) {
            return true; // no longer listed
        }
    }
}
