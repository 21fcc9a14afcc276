package smtpd.parent;

import smtpd.core.mail.Bytes;
import smtpd.core.proc.Role;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What the daemon is started with: each process's slice of the configuration and its listening
/// sockets.
///
/// @param slices the encoded slice of each process
/// @param listeners descriptors of listening sockets by process; they stay open for restarts
/// @param verbose verbose logging
/// @param traces trace subsystems that are on
record Plan(
        Map<Role, Bytes> slices,
        Map<Role, List<Integer>> listeners,
        boolean verbose,
        List<String> traces) {
    Plan {
        slices = new EnumMap<>(slices);
        listeners = new EnumMap<>(listeners);
        traces = List.copyOf(traces);
    }

    /// From now on a process of this role is started with this slice; for the parent's own thread.
    void replace(Role role, Bytes slice) {
        slices.put(role, slice);
    }
}
