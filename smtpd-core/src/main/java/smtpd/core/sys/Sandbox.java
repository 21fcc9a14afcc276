package smtpd.core.sys;

import java.util.List;
import java.util.Set;

/// The walls around one process, as data.
///
/// @param files all it may do with files
/// @param connectPorts TCP ports it may connect to; all others are refused
/// @param bindPorts TCP ports it may bind, 0 for whatever the kernel picks
/// @param capabilities what it keeps of root; normally nothing
/// @param permissions the system calls it needs once it runs
public record Sandbox(
        List<FileRule> files,
        Set<Integer> connectPorts,
        Set<Integer> bindPorts,
        Set<Capability> capabilities,
        Set<Permission> permissions) {
    public Sandbox {
        files = List.copyOf(files);
        connectPorts = Set.copyOf(connectPorts);
        bindPorts = Set.copyOf(bindPorts);
        capabilities = Set.copyOf(capabilities);
        permissions = Set.copyOf(permissions);
    }
}
