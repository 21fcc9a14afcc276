package smtpd.core.proc;

import smtpd.core.sys.Capability;
import smtpd.core.sys.FileRule;
import smtpd.core.sys.Permission;
import smtpd.core.sys.Sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What each process may do, as data: who it is, which files and ports it reaches, which system
/// calls it needs.
///
/// | process | user | files | network | calls beyond the base |
/// |---|---|---|---|---|
/// | smtp | `_smtpd` | none | accepts on sockets it was given | accept |
/// | lka | `_smtpd` | reads tables and resolver files | DNS over UDP and TCP | connect, UDP |
/// | queue | `_smtpq` | owns the spool | none | write files |
/// | scheduler | `_smtpd` | none | none | none |
/// | mta | `_smtpd` | none | connects to relay ports, from any local address | connect |
/// | mda | `_smtpd` | owns mail directories | LMTP | connect, Unix, write files, ids |
/// | ca | `_smtpd` | none | none | none |
/// | control | `_smtpd` | owns its state directory | accepts on its socket | accept, write files |
///
/// With `scheduler backend sqlite` the scheduler owns a directory in the spool and may write files.
///
/// With `queue witness` the queue may write that file too.
///
/// Files that every Java program needs come on top: the runtime, our jars, the C libraries, the
/// random devices (without which a key takes seconds) and `/dev/null`. Who connects may read files
/// of `/proc` whose names it knows: without `/proc/net/if_inet6` the JDK has no IPv6. What another
/// process keeps to itself there stays shut, since Landlock lets nobody trace beyond its own walls.
///
/// mda keeps `CAP_SETUID` and `CAP_SETGID` and nothing else of root: one thread at a time becomes
/// the recipient. It keeps no right to override file modes, so a mailbox is reached as its owner
/// reaches it, and no right to change owners: what it makes belongs to the recipient already.
/// Landlock holds it to the mail directories even as user 0.
///
/// @param account who the process is
/// @param sandbox its walls
public record SandboxPolicy(Account account, Sandbox sandbox) {
    /// The users of the daemon.
    public enum Account {
        /// `_smtpd`, whom everything but the queue runs as.
        SMTPD("_smtpd"),
        /// `_smtpq`, who owns the spool.
        SMTPQ("_smtpq");

        private final String user;

        Account(String user) {
            this.user = user;
        }

        /// The name in the user database.
        public String user() {
            return user;
        }
    }

    /// Where things lie.
    ///
    /// @param javaHome the Java runtime
    /// @param program our jars and the AOT cache, files or directories
    /// @param spool the queue's directory
    /// @param state the directory of control's statistics
    /// @param tables files of tables; their directories become readable, since a table that is
    ///   replaced is a new file
    /// @param mail directories under which mailboxes lie
    public record Places(
            Path javaHome,
            List<Path> program,
            Path spool,
            Path state,
            List<Path> tables,
            List<Path> mail) {
        public Places {
            program = List.copyOf(program);
            tables = List.copyOf(tables);
            mail = List.copyOf(mail);
        }
    }

    /// TCP ports to connect to.
    ///
    /// @param relay of mta: 25 and what the configuration names
    /// @param dns of lka: 53, or the port of a resolver elsewhere
    /// @param lmtp of mda
    public record Ports(Set<Integer> relay, Set<Integer> dns, Set<Integer> lmtp) {
        public Ports {
            relay = Set.copyOf(relay);
            dns = Set.copyOf(dns);
            lmtp = Set.copyOf(lmtp);
        }
    }

    /// Without `/proc/net/if_inet6` the JDK makes no socket of IPv6. It is a link into the
    /// directory of the process, which does not exist before it starts: no narrower rule leads
    /// there.
    private static final Path PROC = Path.of("/proc");

    /// A local port of the kernel's choice.
    private static final int ANY_PORT = 0;

    private static final List<String> C_LIBRARIES =
            List.of(
                    "/lib/x86_64-linux-gnu",
                    "/lib/aarch64-linux-gnu",
                    "/lib64",
                    "/lib/ld-linux-aarch64.so.1");

    private static final List<String> RESOLVER_FILES =
            List.of(
                    "/etc/resolv.conf",
                    "/etc/hosts",
                    "/etc/nsswitch.conf",
                    "/etc/passwd",
                    "/etc/group");

    /// The policy of a child.
    ///
    /// @throws IllegalArgumentException for the parent, which has none
    public static SandboxPolicy of(Role role, Places places, Ports ports) {
        List<FileRule> files = new ArrayList<>(runtime(places));
        files.addAll(files(role, places));
        if (permissions(role).contains(Permission.CONNECT)) {
            files.add(FileRule.readKnown(PROC));
        }
        Sandbox sandbox =
                new Sandbox(
                        files,
                        connectPorts(role, ports),
                        role == Role.MTA ? Set.of(ANY_PORT) : Set.of(),
                        role == Role.MDA ? Set.of(Capability.SETUID, Capability.SETGID) : Set.of(),
                        permissions(role));
        return new SandboxPolicy(role == Role.QUEUE ? Account.SMTPQ : Account.SMTPD, sandbox);
    }

    /// The policy of the scheduler when it keeps its index on disk: it owns that directory, and may
    /// write files.
    public SandboxPolicy withIndex(Path directory) {
        List<FileRule> files = new ArrayList<>(sandbox.files());
        files.add(FileRule.own(directory));
        Set<Permission> permissions = EnumSet.of(Permission.WPATH);
        permissions.addAll(sandbox.permissions());
        return new SandboxPolicy(
                account,
                new Sandbox(
                        files,
                        sandbox.connectPorts(),
                        sandbox.bindPorts(),
                        sandbox.capabilities(),
                        permissions));
    }

    /// The policy of the queue when a witness sees it: it may write that file, which must exist,
    /// and nothing else of its directory.
    public SandboxPolicy withWitness(Path file) {
        List<FileRule> files = new ArrayList<>(sandbox.files());
        files.add(FileRule.writeFile(file));
        return new SandboxPolicy(
                account,
                new Sandbox(
                        files,
                        sandbox.connectPorts(),
                        sandbox.bindPorts(),
                        sandbox.capabilities(),
                        sandbox.permissions()));
    }

    /// The classes of system calls a child pledges to.
    ///
    /// @throws IllegalArgumentException for the parent, which makes no pledge
    public static Set<Permission> permissions(Role role) {
        return switch (role) {
            case PARENT -> throw new IllegalArgumentException("the parent has no sandbox");
            case SMTP -> Set.of(Permission.ACCEPT);
            case LKA -> Set.of(Permission.CONNECT, Permission.UDP);
            case QUEUE -> Set.of(Permission.WPATH);
            case SCHEDULER, CA -> Set.of();
            case MTA -> Set.of(Permission.CONNECT);
            case MDA ->
                    Set.of(Permission.CONNECT, Permission.UNIX, Permission.WPATH, Permission.SETID);
            case CONTROL -> Set.of(Permission.ACCEPT, Permission.WPATH);
        };
    }

    private static List<FileRule> files(Role role, Places places) {
        return switch (role) {
            case PARENT, SMTP, SCHEDULER, MTA, CA -> List.of();
            case LKA -> lookups(places);
            case QUEUE -> List.of(FileRule.own(places.spool()));
            case MDA -> places.mail().stream().map(FileRule::own).toList();
            case CONTROL -> List.of(FileRule.own(places.state()));
        };
    }

    private static List<FileRule> lookups(Places places) {
        List<FileRule> rules = new ArrayList<>();
        RESOLVER_FILES.forEach(file -> rules.add(FileRule.read(Path.of(file))));
        for (Path table : places.tables()) {
            Path directory = table.toAbsolutePath().getParent();
            rules.add(FileRule.read(directory == null ? table : directory));
        }
        return rules.stream().distinct().toList();
    }

    private static Set<Integer> connectPorts(Role role, Ports ports) {
        return switch (role) {
            case PARENT, SMTP, QUEUE, SCHEDULER, CA, CONTROL -> Set.of();
            case LKA -> ports.dns();
            case MTA -> ports.relay();
            case MDA -> ports.lmtp();
        };
    }

    /// What every Java program needs.
    private static List<FileRule> runtime(Places places) {
        List<FileRule> rules = new ArrayList<>();
        rules.add(FileRule.execute(places.javaHome()));
        for (String part :
                List.of("conf", "conf/security", "lib/security", "lib/security/cacerts")) {
            // some distributions keep these elsewhere, behind a link
            linked(places.javaHome(), part).ifPresent(path -> rules.add(FileRule.read(path)));
        }
        C_LIBRARIES.forEach(path -> rules.add(FileRule.execute(Path.of(path))));
        places.program().forEach(path -> rules.add(FileRule.read(path)));
        rules.add(FileRule.read(Path.of("/dev/urandom")));
        rules.add(FileRule.read(Path.of("/dev/random")));
        rules.add(FileRule.writeFile(Path.of("/dev/null")));
        return rules;
    }

    private static Optional<Path> linked(Path javaHome, String part) {
        try {
            Path path = javaHome.resolve(part);
            boolean elsewhere =
                    Files.exists(path) && !path.toRealPath().startsWith(javaHome.toRealPath());
            return elsewhere ? Optional.of(path.toRealPath()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
