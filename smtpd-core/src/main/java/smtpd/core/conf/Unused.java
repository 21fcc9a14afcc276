package smtpd.core.conf;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/// Warns of what is declared and stands in no directive that is in force.
final class Unused {
    private final Config config;
    private final Draft draft;
    private final Set<String> tables = new LinkedHashSet<>();
    private final Set<String> pkis = new LinkedHashSet<>();
    private final Set<String> cas = new LinkedHashSet<>();
    private final Set<String> filters = new LinkedHashSet<>();
    private final Set<String> procs = new LinkedHashSet<>();
    private final Set<String> wrappers = new LinkedHashSet<>();
    private final Set<String> actions = new LinkedHashSet<>();

    private Unused(Config config, Draft draft) {
        this.config = config;
        this.draft = draft;
    }

    static void warn(Config config, Draft draft) {
        Unused unused = new Unused(config, draft);
        config.listeners().forEach(unused::use);
        config.routing().rules().forEach(unused::use);
        config.routing().dispatchers().values().forEach(unused::use);
        config.programs().filters().values().forEach(unused::use);
        unused.cas.add(config.settings().peers().stsCa());
        unused.report();
    }

    private void use(Listener listener) {
        pkis.addAll(listener.tls().pkis());
        cas.add(listener.tls().ca());
        tables.add(listener.auth().table());
        tables.add(listener.auth().senders());
        tables.add(listener.session().hostnames());
        tables.add(listener.session().bareLf());
        filters.add(listener.session().filter());
    }

    private void use(Rule rule) {
        actions.add(rule.action());
        rule.criteria().forEach(criterion -> tables.add(criterion.table()));
    }

    private void use(Dispatcher dispatcher) {
        switch (dispatcher) {
            case Dispatcher.Local local -> {
                tables.add(local.users().alias());
                tables.add(local.users().virtual());
                tables.add(local.users().userbase());
                wrappers.add(local.wrapper());
            }
            case Dispatcher.Remote remote -> {
                use(remote.target());
                tables.add(remote.identity().heloSrc());
                tables.add(remote.identity().src());
                pkis.add(remote.tls().pki());
                cas.add(remote.tls().ca());
                filters.add(remote.filter());
            }
            case Dispatcher.Bounce _ -> {}
        }
    }

    private void use(Dispatcher.Target target) {
        switch (target) {
            case Dispatcher.Target.Host(String hosts, String auth, _) -> {
                tables.add(hosts);
                tables.add(auth);
            }
            case Dispatcher.Target.DomainMap(String map, String auth) -> {
                tables.add(map);
                tables.add(auth);
            }
            case Dispatcher.Target.Mx _, Dispatcher.Target.Backup _ -> {}
        }
    }

    private void use(FilterConf filter) {
        switch (filter) {
            case FilterConf.Program program -> procs.add(program.proc());
            case FilterConf.Chain chain -> filters.addAll(chain.members());
            case FilterConf.Builtin builtin -> tables.add(builtin.condition().table());
        }
    }

    private void report() {
        report("table", config.tables().keySet(), tables);
        report("pki", config.certificates().pkis().keySet(), pkis);
        report("ca", config.certificates().cas().keySet(), cas);
        report("proc", config.programs().procs().keySet(), procs);
        report("filter", config.programs().filters().keySet(), filters);
        report("wrapper", config.routing().wrappers().keySet(), wrappers);
        report("action", config.routing().dispatchers().keySet(), actions);
    }

    /// What was written in place is in use by the place it stands in.
    private void report(String kind, Collection<String> declared, Set<String> used) {
        for (String name : declared) {
            if (!used.contains(name) && !name.startsWith("<")) {
                draft.warn(draft.placeOf(kind, name), kind + " \"" + name + "\" is never used");
            }
        }
    }
}
