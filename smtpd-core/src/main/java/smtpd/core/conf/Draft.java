package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The configuration while it is read: what was declared so far, in order.
///
/// A name whose declaration had an error is remembered too, so that its later uses are no further
/// errors.
final class Draft {
    final ConfEnvironment env;
    final List<ConfError> errors = new ArrayList<>();
    final List<ConfWarning> warnings = new ArrayList<>();

    /// Errors that are looked for when the whole text was read, and reported after its own.
    final List<ConfError> laterErrors = new ArrayList<>();

    final Map<String, TableConf> tables = new LinkedHashMap<>();
    final Map<String, PkiDraft> pkis = new LinkedHashMap<>();
    final Map<String, Config.Ca> cas = new LinkedHashMap<>();
    final Map<String, Config.Proc> procs = new LinkedHashMap<>();
    final Map<String, FilterConf> filters = new LinkedHashMap<>();
    final Map<String, Dispatcher> dispatchers = new LinkedHashMap<>();
    final Map<String, String> wrappers = new LinkedHashMap<>();
    final List<Listener> listeners = new ArrayList<>();
    final List<Rule> rules = new ArrayList<>();
    final Map<String, Location> places = new LinkedHashMap<>();
    final Options options = new Options();
    boolean sawMatch;

    private final Set<String> broken = new HashSet<>();
    private final Map<String, Set<Kind>> kinds = new LinkedHashMap<>();

    /// What a table can be used as.
    enum Kind {
        LIST,
        MAPPING,
        /// The users of the system, and nothing else.
        USERS
    }

    /// A pki while its parameters are read.
    static final class PkiDraft {
        final Location where;
        Location keyWhere = Location.NONE;
        String cert = "";
        String key = "";
        Config.Pki.Dhe dhe = Config.Pki.Dhe.NONE;

        PkiDraft(Location where) {
            this.where = where;
        }
    }

    /// The single-valued options while they are read.
    static final class Options {
        @Nullable String admd;
        Duration ttl = QueueOptions.DEFAULT.ttl();
        Compression compression = QueueOptions.DEFAULT.compression();
        final List<QueueKey> keys = new ArrayList<>();
        String backend = QueueOptions.DEFAULT.backend();
        String witness = QueueOptions.DEFAULT.witness();
        List<Duration> warnIntervals = QueueOptions.DEFAULT.warnIntervals();
        int bounceLimit = QueueOptions.DEFAULT.bounceLimit();
        SmtpOptions smtp = SmtpOptions.DEFAULT;
        SrsOptions srs = SrsOptions.DEFAULT;
        Limits limits = Limits.DEFAULT;
        SchedulerBackend scheduler = SchedulerBackend.RAM;
        PeerSecurity peers = PeerSecurity.DEFAULT;
        StatisticsConf statistics = StatisticsConf.DEFAULT;
        Config.SandboxLevel sandbox = Config.SandboxLevel.BEST_EFFORT;
    }

    Draft(ConfEnvironment env) {
        this.env = env;
    }

    void warn(Location where, String text) {
        warnings.add(new ConfWarning(where, text));
    }

    /// Remembers that a declaration failed, so that uses of the name are not reported.
    void breakName(String kind, String name) {
        broken.add(kind + " " + name);
    }

    boolean isBroken(String kind, String name) {
        return broken.contains(kind + " " + name);
    }

    /// Remembers where a thing was declared.
    void place(String kind, String name, Location where) {
        places.put(kind + " " + name, where);
    }

    Location placeOf(String kind, String name) {
        return places.getOrDefault(kind + " " + name, Location.NONE);
    }

    void declare(TableConf table, Set<Kind> usable) {
        tables.put(table.name(), table);
        kinds.put(table.name(), usable);
    }

    /// Whether a table can be used as one of those kinds.
    boolean usable(String table, Set<Kind> as) {
        return kinds.getOrDefault(table, Set.of(Kind.LIST, Kind.MAPPING)).stream()
                .anyMatch(as::contains);
    }

    /// `; did you mean 'x'?` when a declared name is near, else nothing.
    static String suggestion(String name, Collection<String> declared) {
        String near = Keywords.near(name, declared);
        return near == null ? "" : "; did you mean '" + near + "'?";
    }

    /// The finished value; only without errors.
    Config config() {
        Map<String, Config.Pki> readyPkis = new LinkedHashMap<>();
        pkis.forEach((name, pki) ->
                readyPkis.put(name, new Config.Pki(name, pki.cert, pki.key, pki.dhe)));
        List<Listener> ready = new ArrayList<>(listeners);
        if (ready.stream().noneMatch(Listener::isSocket)) {
            ready.addFirst(Listener.DEFAULT_SOCKET);
        }
        ready.sort((a, b) -> Boolean.compare(b.isSocket(), a.isSocket()));
        String admd = options.admd;
        Config.Settings settings =
                new Config.Settings(
                        env.hostname(),
                        admd == null ? env.hostname() : admd,
                        new QueueOptions(
                                options.ttl,
                                options.compression,
                                options.keys,
                                options.backend,
                                options.witness,
                                options.warnIntervals,
                                options.bounceLimit),
                        options.smtp,
                        options.limits,
                        options.scheduler,
                        options.peers,
                        options.statistics,
                        options.sandbox);
        return new Config(
                settings,
                tables,
                new Config.Certificates(readyPkis, cas),
                new Config.Programs(procs, filters),
                ready,
                new Config.Routing(rules, dispatchers, wrappers, options.srs));
    }
}
