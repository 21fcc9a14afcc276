package smtpd.core.conf;

import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/// Reads `action NAME METHOD …`.
final class ActionParser {
    private final Tokens tokens;
    private final Draft draft;
    private final TableParser tables;
    private final FilterParser filters;

    ActionParser(Tokens tokens, Draft draft, TableParser tables, FilterParser filters) {
        this.tokens = tokens;
        this.draft = draft;
        this.tables = tables;
        this.filters = filters;
    }

    /// The options of one action while they are read.
    private static final class Options {
        final String name;
        final Set<String> seen = new HashSet<>();
        String alias = "";
        String virtual = "";
        String userbase = "";
        String user = "";
        String wrapper = "";
        Dispatcher.Target target = new Dispatcher.Target.Mx();
        String helo = "";
        String heloSrc = "";
        String src = "";
        String mailFrom = "";
        boolean srs;
        Dispatcher.TlsPolicy tls = Dispatcher.TlsPolicy.OPPORTUNISTIC;
        String pki = "";
        String ca = "";
        String ciphers = "";
        String protocols = "";
        String filter = "";

        Options(String name) {
            this.name = name;
        }

        String owner() {
            return "action " + name;
        }
    }

    /// `action …`, after the first word.
    void directive() throws SyntaxError {
        String name = tokens.string("an action name");
        Location where = tokens.last();
        if (draft.dispatchers.containsKey(name)) {
            throw tokens.fail(
                    "action \""
                            + name
                            + "\" is already declared at "
                            + draft.placeOf("action", name));
        }
        draft.place("action", name, where);
        try {
            draft.dispatchers.put(name, dispatcher(new Options(name)));
        } catch (SyntaxError e) {
            draft.breakName("action", name);
            throw e;
        }
    }

    private Dispatcher dispatcher(Options options) throws SyntaxError {
        if (tokens.accept("relay")) {
            while (targetOption(options)
                    || identityOption(options)
                    || tlsOption(options)
                    || filterOption(options)) {
                // each turn reads one option
            }
            return remote(options, ttl());
        }
        Dispatcher.Method method = method();
        while (localOption(options, method)) {
            // each turn reads one option
        }
        return new Dispatcher.Local(
                options.name,
                method,
                new Dispatcher.Users(
                        options.alias, options.virtual, options.userbase, options.user),
                options.wrapper,
                ttl());
    }

    private static Dispatcher.Remote remote(Options options, Duration ttl) {
        return new Dispatcher.Remote(
                options.name,
                options.target,
                new Dispatcher.Identity(
                        options.helo, options.heloSrc, options.src, options.mailFrom, options.srs),
                new Dispatcher.RelayTls(
                        options.tls, options.pki, options.ca, options.ciphers, options.protocols),
                options.filter,
                ttl);
    }

    private Dispatcher.Method method() throws SyntaxError {
        if (tokens.accept("mbox")) {
            return new Dispatcher.Method.Mbox();
        }
        if (tokens.accept("maildir")) {
            String path = tokens.atString() ? tokens.next().text() : "";
            return new Dispatcher.Method.Maildir(path, tokens.accept("junk"));
        }
        if (tokens.accept("lmtp")) {
            String destination = tokens.string("a socket, HOST or HOST:PORT");
            return new Dispatcher.Method.Lmtp(destination, tokens.accept("rcpt-to"));
        }
        if (tokens.accept("mda")) {
            return new Dispatcher.Method.Command(tokens.string("a command"));
        }
        if (tokens.accept("forward-only")) {
            return new Dispatcher.Method.ForwardOnly();
        }
        if (tokens.accept("expand-only")) {
            return new Dispatcher.Method.ExpandOnly();
        }
        throw tokens.unexpected();
    }

    private void once(Options options, String what) throws SyntaxError {
        if (!options.seen.add(what)) {
            throw tokens.fail(what + " is already given for this action");
        }
    }

    private boolean localOption(Options options, Dispatcher.Method method) throws SyntaxError {
        if (tokens.accept("user")) {
            options.user = tokens.string("a user name");
            requireUserAllowed(method);
            once(options, "user");
        } else if (tokens.accept("alias")) {
            options.alias = expansion(options, "alias");
        } else if (tokens.accept("virtual")) {
            options.virtual = expansion(options, "virtual");
        } else if (tokens.accept("userbase")) {
            options.userbase = tables.use(options.owner(), "userbase", TableParser.USERS);
            once(options, "userbase");
        } else if (tokens.accept("wrapper")) {
            options.wrapper = wrapper(tokens.string("a wrapper name"));
        } else {
            return false;
        }
        return true;
    }

    private String expansion(Options options, String option) throws SyntaxError {
        String table = tables.use(options.owner(), option, TableParser.MAPPING);
        once(options, option);
        if (!options.alias.isEmpty() || !options.virtual.isEmpty()) {
            throw tokens.fail("alias and virtual exclude each other");
        }
        return table;
    }

    private void requireUserAllowed(Dispatcher.Method method) throws SyntaxError {
        String refused =
                switch (method) {
                    case Dispatcher.Method.Mbox _ -> "mbox";
                    case Dispatcher.Method.ForwardOnly _ -> "forward-only";
                    case Dispatcher.Method.ExpandOnly _ -> "expand-only";
                    case Dispatcher.Method.Maildir _,
                            Dispatcher.Method.Lmtp _,
                            Dispatcher.Method.Command _ ->
                            "";
                };
        if (!refused.isEmpty()) {
            throw tokens.fail("user cannot be given for " + refused);
        }
    }

    private String wrapper(String name) throws SyntaxError {
        if (!draft.wrappers.containsKey(name) && !draft.isBroken("wrapper", name)) {
            throw tokens.fail(
                    "no such mda wrapper: "
                            + name
                            + Draft.suggestion(name, draft.wrappers.keySet()));
        }
        return name;
    }

    private boolean targetOption(Options options) throws SyntaxError {
        if (tokens.accept("backup")) {
            String mx = tokens.accept("mx") ? tokens.string("a host name") : backupSelf();
            once(options, "backup");
            exclusive(options, "backup");
            options.target = new Dispatcher.Target.Backup(mx);
        } else if (tokens.accept("host")) {
            String hosts = tables.use(options.owner(), "host", TableParser.LIST);
            once(options, "host");
            exclusive(options, "host");
            Dispatcher.Target.Search search =
                    tokens.accept("mx")
                            ? Dispatcher.Target.Search.EXCHANGERS
                            : Dispatcher.Target.Search.ADDRESSES;
            options.target = new Dispatcher.Target.Host(hosts, "", search);
        } else if (tokens.accept("domain")) {
            String map = tables.use(options.owner(), "domain", TableParser.MAPPING);
            once(options, "domain");
            exclusive(options, "domain");
            options.target = new Dispatcher.Target.DomainMap(map, "");
        } else if (tokens.accept("auth")) {
            String table = tables.use(options.owner(), "auth", TableParser.MAPPING);
            options.target = withAuth(options, table);
            once(options, "auth");
        } else {
            return false;
        }
        return true;
    }

    /// Without `mx`, the server's own name; the token after decides the line of an error.
    private String backupSelf() {
        tokens.peek();
        return "";
    }

    private void exclusive(Options options, String option) throws SyntaxError {
        if (!(options.target instanceof Dispatcher.Target.Mx)) {
            throw tokens.fail("backup, host and domain exclude each other: " + option);
        }
    }

    private Dispatcher.Target withAuth(Options options, String table) throws SyntaxError {
        return switch (options.target) {
            case Dispatcher.Target.Host host
                    when host.search() != Dispatcher.Target.Search.ADDRESSES ->
                    // DNS alone would say who is given the password
                    throw tokens.fail("auth needs a host without mx");
            case Dispatcher.Target.Host host -> new Dispatcher.Target.Host(host.hosts(), table);
            case Dispatcher.Target.DomainMap(String map, _) ->
                    new Dispatcher.Target.DomainMap(map, table);
            case Dispatcher.Target.Mx _, Dispatcher.Target.Backup _ ->
                    throw tokens.fail("auth needs host or domain, written before it");
        };
    }

    private boolean identityOption(Options options) throws SyntaxError {
        if (tokens.accept("helo")) {
            options.helo = tokens.string("a host name");
            once(options, "helo");
        } else if (tokens.accept("helo-src")) {
            options.heloSrc = tables.use(options.owner(), "helo-src", TableParser.MAPPING);
            once(options, "helo-src");
        } else if (tokens.accept("src")) {
            options.src = tables.use(options.owner(), "src", TableParser.EITHER);
            once(options, "src");
        } else if (tokens.accept("mail-from")) {
            options.mailFrom = tokens.string("an address");
            once(options, "mail-from");
        } else if (tokens.accept("srs")) {
            if (draft.options.srs.key().isEmpty()) {
                throw tokens.fail("srs needs 'srs key', written before it");
            }
            once(options, "srs");
            options.srs = true;
        } else {
            return false;
        }
        return true;
    }

    private boolean tlsOption(Options options) throws SyntaxError {
        if (tokens.accept("tls")) {
            boolean lenient = tokens.accept("no-verify");
            once(options, "tls");
            options.tls = lenient ? Dispatcher.TlsPolicy.NO_VERIFY : Dispatcher.TlsPolicy.VERIFY;
        } else if (tokens.accept("pki")) {
            options.pki = tokens.string("a pki name").toLowerCase(Locale.ROOT);
            once(options, "pki");
        } else if (tokens.accept("ca")) {
            options.ca = tokens.string("a ca name").toLowerCase(Locale.ROOT);
            once(options, "ca");
        } else if (tokens.accept("ciphers")) {
            options.ciphers = TlsWords.ciphers(tokens);
            once(options, "ciphers");
        } else if (tokens.accept("protocols")) {
            options.protocols = TlsWords.protocols(tokens);
            once(options, "protocols");
        } else {
            return false;
        }
        return true;
    }

    private boolean filterOption(Options options) throws SyntaxError {
        if (!tokens.accept("filter")) {
            return false;
        }
        tokens.peek();
        once(options, "filter");
        options.filter = filters.use(options.owner());
        return true;
    }

    /// `ttl D`, which ends an action.
    private Duration ttl() throws SyntaxError {
        if (!tokens.accept("ttl")) {
            return Duration.ZERO;
        }
        String text = tokens.string("a delay such as 4d");
        Duration ttl = Quantities.delay(text);
        if (ttl.isNegative()) {
            throw tokens.fail("invalid ttl: " + text + " (a number and one of s, m, h, d)");
        }
        if (tokens.peek().isKeyword("ttl")) {
            tokens.next();
            tokens.string("a delay");
            throw tokens.fail("ttl is already given for this action");
        }
        return ttl;
    }
}
