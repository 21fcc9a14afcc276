package smtpd.parent;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.Config;
import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.SchedulerBackend;
import smtpd.core.conf.TableConf;
import smtpd.core.proc.Paths;
import smtpd.core.proc.Role;
import smtpd.core.proc.SandboxPolicy;
import smtpd.core.sys.Identity;
import smtpd.core.sys.Layers;
import smtpd.core.table.SqliteConf;
import smtpd.core.table.TableText;

import java.io.IOException;
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
    private static final Logger LOG = LoggerFactory.getLogger(Sandboxes.class);

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
        SandboxPolicy policy = SandboxPolicy.of(role, places, ports());
        boolean index = config.settings().scheduler() == SchedulerBackend.SQLITE;
        if (role == Role.SCHEDULER && index) {
            return policy.withIndex(paths.index());
        }
        String witness = config.settings().queue().witness();
        return role == Role.QUEUE && !witness.isEmpty()
                ? policy.withWitness(Path.of(witness))
                : policy;
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
                case TableConf.BackendTable it -> backend(it, files);
                case TableConf.StaticList _, TableConf.StaticMap _ -> {}
            }
        }
        return files;
    }

    /// What a program reads is its own affair; of a database lka reads it and what says where it
    /// is.
    private static void backend(TableConf.BackendTable table, List<Path> files) {
        if (TablePrograms.isProgram(table.backend()) || table.path().isEmpty()) {
            return;
        }
        Path file = Path.of(table.path());
        files.add(file);
        if (table.backend().equals("sqlite")) {
            try {
                files.add(SqliteConf.read(file).database());
            } catch (IOException | TableText.Malformed e) {
                LOG.debug("debug: table {}: {}", table.name(), e.getMessage());
            }
        }
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
