package smtpd.core.conf;

import java.util.List;
import java.util.Map;

/// A whole configuration as read from smtpd.conf(5): checked, complete with defaults, every name in
/// it resolvable in its maps.
///
/// Only the parent holds this value; each other process is handed the parts it may know. Names: a
/// name in angle brackets belongs to what was written in place, such as `<action relay host>`, the
/// table of an action's smart hosts, or `<filter rspamd>`, the program of a `proc-exec` filter.
///
/// @param settings the single-valued options
/// @param tables by name, in order of declaration, anonymous ones included
/// @param certificates server certificates and trust anchors
/// @param programs filter programs and filters
/// @param listeners in order of declaration; the local socket's is always there, first
/// @param routing rules and what they lead to
public record Config(
        Settings settings,
        Map<String, TableConf> tables,
        Certificates certificates,
        Programs programs,
        List<Listener> listeners,
        Routing routing) {
    public Config {
        tables = Ordered.copy(tables);
        listeners = List.copyOf(listeners);
    }

    /// This configuration with another place for what the scheduler knows.
    public Config with(SchedulerBackend scheduler) {
        return new Config(
                settings.with(scheduler), tables, certificates, programs, listeners, routing);
    }

    /// This configuration without the places where it was written: equal for two texts that mean
    /// the same.
    public Config unplaced() {
        return new Config(
                settings,
                tables,
                certificates,
                programs,
                listeners.stream()
                        .map(one ->
                                new Listener(
                                        one.bind(),
                                        one.tls(),
                                        one.auth(),
                                        one.session(),
                                        Location.NONE))
                        .toList(),
                new Routing(
                        routing.rules.stream()
                                .map(rule ->
                                        new Rule(rule.criteria(), rule.action(), Location.NONE))
                                .toList(),
                        routing.dispatchers,
                        routing.wrappers,
                        routing.srs));
    }

    /// The single-valued options of the daemon.
    ///
    /// @param hostname the server's fully qualified name
    /// @param admd the authentication service id given to filters; the hostname unless configured
    /// @param queue how messages are stored and how long they are tried
    /// @param smtp what the SMTP server accepts
    /// @param limits of scheduler, mta and mda
    /// @param scheduler where the scheduler keeps its index
    /// @param peers what of other servers' policies the mta follows
    /// @param statistics where statistics go
    /// @param sandbox whether a missing sandbox layer stops the start
    public record Settings(
            String hostname,
            String admd,
            QueueOptions queue,
            SmtpOptions smtp,
            Limits limits,
            SchedulerBackend scheduler,
            PeerSecurity peers,
            StatisticsConf statistics,
            SandboxLevel sandbox) {
        private Settings with(SchedulerBackend backend) {
            return new Settings(
                    hostname, admd, queue, smtp, limits, backend, peers, statistics, sandbox);
        }
    }

    /// Server certificates and trust anchors, by lower-case name.
    public record Certificates(Map<String, Pki> pkis, Map<String, Ca> cas) {
        public Certificates {
            pkis = Ordered.copy(pkis);
            cas = Ordered.copy(cas);
        }
    }

    /// A certificate with its key (`pki NAME …`).
    ///
    /// @param name the lower-case host name it is declared for, or `*`
    /// @param cert file with the certificate chain, PEM
    /// @param key file with the private key, PEM
    /// @param dhe Diffie-Hellman parameters for finite-field key agreement
    public record Pki(String name, String cert, String key, Dhe dhe) {
        /// The `dhe` parameter of a pki.
        public enum Dhe {
            NONE,
            AUTO,
            LEGACY
        }
    }

    /// Trust anchors (`ca NAME cert FILE`).
    public record Ca(String name, String cert) {}

    /// Filter programs and filters, by name.
    public record Programs(Map<String, Proc> procs, Map<String, FilterConf> filters) {
        public Programs {
            procs = Ordered.copy(procs);
            filters = Ordered.copy(filters);
        }
    }

    /// A program that is started with the daemon and speaks the filter protocol.
    ///
    /// @param name its name; `<filter NAME>` when a `proc-exec` filter declared it
    /// @param command a shell command
    /// @param user the system user it runs as; empty for the default
    /// @param group its group; empty for the user's
    /// @param chroot its root directory; empty for none
    public record Proc(String name, String command, String user, String group, String chroot) {
        /// Whether a `proc-exec` filter declared it.
        public boolean anonymous() {
            return name.startsWith("<");
        }
    }

    /// Rules and what they lead to: lka's part, with the dispatchers that mta and mda need too.
    ///
    /// @param rules in order; the first match wins
    /// @param dispatchers by the name of the action
    /// @param wrappers `mda wrapper` commands by name
    /// @param srs sender rewriting
    public record Routing(
            List<Rule> rules,
            Map<String, Dispatcher> dispatchers,
            Map<String, String> wrappers,
            SrsOptions srs) {
        public Routing {
            rules = List.copyOf(rules);
            dispatchers = Ordered.copy(dispatchers);
            wrappers = Ordered.copy(wrappers);
        }
    }

    /// What happens when the kernel lacks a layer of the sandbox.
    public enum SandboxLevel {
        /// The daemon does not start.
        REQUIRED,
        /// The daemon starts and says what is missing.
        BEST_EFFORT,
        /// No sandbox.
        OFF
    }
}
