package smtpd.core.log;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The trace subsystems that are on (`smtpd -T`, `smtpctl trace`), with OpenSMTPD's names.
public final class Traces {
    /// Frames between processes.
    public static final String IMSG = "imsg";

    /// Every name that can be traced.
    public static final List<String> NAMES =
            List.of(
                    IMSG,
                    "io",
                    "smtp",
                    "filters",
                    "mta",
                    "bounce",
                    "scheduler",
                    "expand",
                    "lookup",
                    "stat",
                    "rules",
                    "mproc",
                    "tables",
                    "queue");

    private static final Set<String> ON = ConcurrentHashMap.newKeySet();
    private static volatile boolean any;

    private Traces() {}

    /// Whether a subsystem is traced; cheap while nothing is.
    public static boolean on(String subsystem) {
        return any && ON.contains(subsystem);
    }

    /// Turns a subsystem on or off; `all` means every one.
    ///
    /// @return false if there is no such subsystem
    public static boolean set(String subsystem, boolean on) {
        List<String> names = subsystem.equals("all") ? NAMES : List.of(subsystem);
        if (!NAMES.containsAll(names)) {
            return false;
        }
        if (on) {
            ON.addAll(names);
        } else {
            names.forEach(ON::remove);
        }
        any = !ON.isEmpty();
        return true;
    }
}
