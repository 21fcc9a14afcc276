package smtpd.parent;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Config;
import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.TableConf;
import smtpd.core.proc.Paths;
import smtpd.core.proc.Role;
import smtpd.core.proc.SandboxPolicy;
import smtpd.core.sys.Identity;
import smtpd.core.sys.Layers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The walls around each process, from the policy and from where the configuration puts things.
///
/// @param config the whole configuration
/// @param paths where our files are
/// @param jvm where Java and our jars are
/// @param layers what the kernel grants
/// @param accounts the users of the processes
record Sandboxes(Config config, Paths paths, Jvm jvm, Layers layers, Accounts accounts) {
    private static final int DNS_PORT = 53;

    /// Whether processes are confined at all.
    boolean enabled() {
        return config.settings().sandbox() != Config.SandboxLevel.OFF;
    }

    SandboxPolicy policy(Role role) {
        SandboxPolicy.Places places =
                new SandboxPolicy.Places(
                        jvm.javaHome(),
                        List.of(jvm.lib()),
                        paths.spool(),
                        paths.state(),
                        tables(),
                        MailPlaces.of(config, paths));
        return SandboxPolicy.of(role, places, ports());
    }

    @Nullable Identity identity(SandboxPolicy policy) {
        return accounts.of(policy.account());
    }

    private List<Path> tables() {
        List<Path> files = new ArrayList<>();
        for (TableConf table : config.tables().values()) {
            switch (table) {
                case TableConf.FileTable it -> files.add(Path.of(it.path()));
                case TableConf.DbTable it -> files.add(Path.of(it.path()));
                case TableConf.BackendTable it -> files.add(Path.of(it.path()));
                case TableConf.StaticList _, TableConf.StaticMap _ -> {}
            }
        }
        return files;
    }

    private SandboxPolicy.Ports ports() {
        Set<Integer> dns = new LinkedHashSet<>(List.of(DNS_PORT));
        for (String server : NameServers.read(paths.resolvConf())) {
            NameServers.port(server).ifPresent(dns::add);
        }
        Set<Integer> lmtp = new LinkedHashSet<>();
        for (Dispatcher dispatcher : config.routing().dispatchers().values()) {
            if (dispatcher instanceof Dispatcher.Local local
                    && local.method() instanceof Dispatcher.Method.Lmtp method) {
                RelayPorts.ofDestination(method.destination()).ifPresent(lmtp::add);
            }
        }
        return new SandboxPolicy.Ports(RelayPorts.of(config), dns, lmtp);
    }
}
