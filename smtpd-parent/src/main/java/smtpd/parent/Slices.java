package smtpd.parent;

import smtpd.core.conf.Config;
import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.FilterConf;
import smtpd.core.conf.Limits;
import smtpd.core.conf.Listener;
import smtpd.core.conf.QueueOptions;
import smtpd.core.conf.SchedulerBackend;
import smtpd.core.key.KeySources;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Secret;
import smtpd.core.proc.Paths;
import smtpd.core.proc.Role;
import smtpd.core.slice.CaSlice;
import smtpd.core.slice.CertificateSet;
import smtpd.core.slice.ControlSlice;
import smtpd.core.slice.FilterSlice;
import smtpd.core.slice.LkaSlice;
import smtpd.core.slice.MdaSlice;
import smtpd.core.slice.MtaSlice;
import smtpd.core.slice.QueueSlice;
import smtpd.core.slice.SchedulerSlice;
import smtpd.core.slice.SmtpSlice;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/// Cuts the configuration into what each process may know.
///
/// @param config the whole
/// @param machine what was found out about this machine
/// @param paths where our files are
/// @param run from the command line
/// @param sockets what is listened on
/// @param queueKeys the keys of the queue, for it alone
record Slices(
        Config config,
        Machine machine,
        Paths paths,
        CommandLine.Run run,
        Sockets sockets,
        List<KeySources.Found> queueKeys) {
    /// What is listened on.
    ///
    /// @param listeners for each socket of smtp the index of its listener
    /// @param pages the tokens of the sockets that control serves HTTP on
    record Sockets(List<Integer> listeners, List<Secret> pages) {}

    /// What the parent found out for the others.
    ///
    /// @param localNames names of this machine
    /// @param localAddresses addresses of its interfaces
    /// @param nameservers resolvers
    /// @param pki certificates and keys
    /// @param anchors the keys DNSSEC begins with; empty for those of the root
    /// @param root whether deliveries can run as their users
    record Machine(
            List<String> localNames,
            List<String> localAddresses,
            List<String> nameservers,
            PkiFiles pki,
            String anchors,
            boolean root) {
        private Machine with(PkiFiles other) {
            return new Machine(localNames, localAddresses, nameservers, other, anchors, root);
        }
    }

    /// Every process's slice, encoded.
    Map<Role, Bytes> all() {
        Map<Role, Bytes> slices = new EnumMap<>(Role.class);
        Wiring.CHILDREN.forEach(role -> slices.put(role, of(role)));
        return slices;
    }

    /// The slice of one process, encoded.
    Bytes of(Role role) {
        return switch (role) {
            case PARENT -> Bytes.EMPTY;
            case SMTP -> smtp().encode();
            case LKA -> lka().encode();
            case QUEUE -> queue().encode();
            case SCHEDULER -> scheduler().encode();
            case MTA -> mta().encode();
            case MDA -> mda().encode();
            case CA -> new CaSlice(keys()).encode();
            case CONTROL -> control().encode();
        };
    }

    /// The same with other certificates and keys.
    Slices with(PkiFiles pki) {
        return new Slices(config, machine.with(pki), paths, run, sockets, queueKeys);
    }

    /// The certificates that are part of a process's slice.
    CertificateSet certificatesOf(Role role) {
        return switch (role) {
            case SMTP -> certificatesOfListeners();
            case MTA -> certificatesOfActions();
            case PARENT, LKA, QUEUE, SCHEDULER, MDA, CA, CONTROL -> CertificateSet.EMPTY;
        };
    }

    /// The private keys, PEM text by name.
    Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        machine.pki().pkis().values().forEach(pair -> keys.put(pair.keyId(), pair.key()));
        return keys;
    }

    private String hostname() {
        return config.settings().hostname();
    }

    private SmtpSlice smtp() {
        return new SmtpSlice(
                hostname(),
                config.listeners(),
                sockets.listeners(),
                config.settings().smtp(),
                config.certificates().pkis().values().stream()
                        .filter(pki -> pki.dhe() != Config.Pki.Dhe.NONE)
                        .map(Config.Pki::name)
                        .toList(),
                certificatesOfListeners());
    }

    /// What smtp shows its clients, and judges theirs by.
    private CertificateSet certificatesOfListeners() {
        Set<String> pkis = new LinkedHashSet<>();
        Set<String> cas = new LinkedHashSet<>();
        for (Listener.Tls tls : config.listeners().stream().map(Listener::tls).toList()) {
            pkis.addAll(tls.pkis());
            if (!tls.ca().isEmpty() || tls.verify()) {
                cas.add(tls.ca());
            }
        }
        return certificates(pkis, cas);
    }

    /// What mta shows servers, and judges theirs by.
    private CertificateSet certificatesOfActions() {
        Set<String> pkis = new LinkedHashSet<>();
        Set<String> cas = new LinkedHashSet<>();
        for (Dispatcher.Remote remote : remotes()) {
            pkis.add(remote.tls().pki());
            cas.add(remote.tls().ca());
            cas.add(CertificateSet.SYSTEM);
            cas.add(config.settings().peers().stsCa());
        }
        return certificates(pkis, cas);
    }

    private CertificateSet certificates(Set<String> pkis, Set<String> cas) {
        Map<String, List<Bytes>> chains = new LinkedHashMap<>();
        machine.pki()
                .pkis()
                .forEach((name, pair) -> {
                    if (pkis.contains(name)) {
                        chains.put(name, pair.ders());
                    }
                });
        Map<String, List<Bytes>> anchors = new LinkedHashMap<>();
        machine.pki()
                .anchors()
                .forEach((name, ders) -> {
                    if (cas.contains(name)) {
                        anchors.put(name, ders);
                    }
                });
        if (cas.contains(CertificateSet.SYSTEM)) {
            anchors.put(CertificateSet.SYSTEM, PkiFiles.systemAnchors());
        }
        return new CertificateSet(chains, anchors);
    }

    private LkaSlice lka() {
        return new LkaSlice(
                hostname(),
                machine.localNames(),
                machine.localAddresses(),
                machine.nameservers(),
                List.copyOf(config.tables().values()),
                config.routing().rules(),
                List.copyOf(config.routing().dispatchers().values()),
                config.routing().srs(),
                listenerTables(),
                config.settings().smtp().subAddrDelim(),
                config.settings().queue().ttl(),
                config.settings().peers(),
                machine.anchors(),
                filters());
    }

    private FilterSlice filters() {
        List<String> incoming = used(config.listeners().stream().map(it -> it.session().filter()));
        List<String> outgoing = used(remotes().stream().map(Dispatcher.Remote::filter));
        Map<String, FilterConf> needed = new LinkedHashMap<>();
        incoming.forEach(name -> need(name, needed));
        outgoing.forEach(name -> need(name, needed));
        String admd = config.settings().admd();
        return new FilterSlice(admd, List.copyOf(needed.values()), incoming, outgoing);
    }

    private static List<String> used(Stream<String> names) {
        return names.filter(name -> !name.isEmpty()).distinct().toList();
    }

    private void need(String name, Map<String, FilterConf> needed) {
        FilterConf filter = config.programs().filters().get(name);
        if (filter != null) {
            needed.put(name, filter);
            if (filter instanceof FilterConf.Chain chain) {
                chain.members().forEach(member -> need(member, needed));
            }
        }
    }

    /// What smtp may ask lka about: what its listeners say, and nothing else.
    private LkaSlice.ListenerTables listenerTables() {
        List<String> credentials =
                config.listeners().stream()
                        .map(Listener::auth)
                        .filter(auth -> auth.mode() != Listener.AuthMode.NONE)
                        .map(Listener.Auth::table)
                        .distinct()
                        .toList();
        return new LkaSlice.ListenerTables(
                credentials,
                named(listener -> listener.auth().senders()),
                named(listener -> listener.session().hostnames()),
                named(listener -> listener.session().bareLf()));
    }

    private List<String> named(Function<Listener, String> table) {
        return config.listeners().stream()
                .map(table)
                .filter(name -> !name.isEmpty())
                .distinct()
                .toList();
    }

    private QueueSlice queue() {
        QueueOptions options = config.settings().queue();
        QueueOptions chosen =
                options.withBackend(run.backends().getOrDefault("queue", options.backend()));
        return new QueueSlice(
                hostname(),
                paths.spool().toString(),
                chosen,
                queueKeys,
                List.copyOf(config.routing().dispatchers().keySet()),
                smarthosts(),
                mostEnvelopes());
    }

    /// How many envelopes the scheduler bears.
    private long mostEnvelopes() {
        return switch (config.settings().scheduler()) {
            case RAM -> config.settings().limits().heaps().schedulerEnvelopes();
            case SQLITE -> Long.MAX_VALUE;
        };
    }

    private List<String> smarthosts() {
        return remotes().stream()
                .filter(remote -> remote.target() instanceof Dispatcher.Target.Host)
                .map(Dispatcher.Remote::name)
                .toList();
    }

    private List<Dispatcher.Remote> remotes() {
        List<Dispatcher.Remote> remotes = new ArrayList<>();
        for (Dispatcher dispatcher : config.routing().dispatchers().values()) {
            if (dispatcher instanceof Dispatcher.Remote remote) {
                remotes.add(remote);
            }
        }
        return remotes;
    }

    private SchedulerSlice scheduler() {
        boolean onDisk = config.settings().scheduler() == SchedulerBackend.SQLITE;
        return new SchedulerSlice(
                config.settings().limits().scheduler(),
                run.paused(),
                onDisk ? paths.index().toString() : "",
                onDisk ? indexKey() : new Secret(""));
    }

    /// Mail that is sealed has no names in the index either.
    private Secret indexKey() {
        return queueKeys.stream()
                .max(Comparator.comparing(KeySources.Found::seals))
                .map(key -> key.derived("smtpd scheduler index"))
                .orElse(new Secret(""));
    }

    private MtaSlice mta() {
        Limits.Mta limits = config.settings().limits().mta();
        return new MtaSlice(
                hostname(),
                remotes(),
                limits.defaults(),
                new LinkedHashMap<>(limits.domains()),
                limits.maxDeferred(),
                config.settings().peers(),
                certificatesOfActions());
    }

    private MdaSlice mda() {
        List<Dispatcher.Local> locals = new ArrayList<>();
        for (Dispatcher dispatcher : config.routing().dispatchers().values()) {
            if (dispatcher instanceof Dispatcher.Local local) {
                locals.add(local);
            }
        }
        return new MdaSlice(
                hostname(),
                locals,
                config.routing().wrappers(),
                config.settings().limits().mda(),
                mailDirectory(),
                config.settings().smtp().subAddrDelim(),
                machine.root());
    }

    /// `/var/mail`, below the prefix when there is one.
    private String mailDirectory() {
        return paths.spool().resolve("../../mail").normalize().toString();
    }

    private ControlSlice control() {
        return new ControlSlice(
                Version.TEXT,
                paths.state().toString(),
                run.paused(),
                new ControlSlice.Statistics(
                        config.settings().statistics().kept(), hostname(), sockets.pages()));
    }
}
