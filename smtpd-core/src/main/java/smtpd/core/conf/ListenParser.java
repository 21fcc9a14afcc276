package smtpd.core.conf;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Reads `listen on …`.
final class ListenParser {
    /// Certificates of one listener (OpenSMTPD: the same).
    static final int PKI_MAX = 32;

    /// Longest tag (OpenSMTPD: the same).
    static final int TAG_MAX = 32;

    private static final int PORT_MAX = 65535;
    private static final int PORT_SMTP = 25;
    private static final int PORT_SMTPS = 465;

    private final Tokens tokens;
    private final Draft draft;
    private final TableParser tables;
    private final FilterParser filters;

    ListenParser(Tokens tokens, Draft draft, TableParser tables, FilterParser filters) {
        this.tokens = tokens;
        this.draft = draft;
        this.tables = tables;
        this.filters = filters;
    }

    /// The options of one listener while they are read.
    private static final class Options {
        final String owner;
        final Location where;
        final Set<String> seen = new HashSet<>();
        Family family = Family.ANY;
        int port;
        Listener.TlsMode tls = Listener.TlsMode.NONE;
        boolean verify;
        final List<String> pkis = new ArrayList<>();
        String ca = "";
        String ciphers = "";
        String protocols = "";
        Listener.AuthMode auth = Listener.AuthMode.NONE;
        String authTable = "";
        String senders = "";
        boolean masquerade;
        boolean scram;
        String hostname = "";
        String hostnames = "";
        String tag = "";
        String filter = "";
        String bareLf = "";
        final Set<Listener.Flag> flags = EnumSet.noneOf(Listener.Flag.class);

        Options(String owner, Location where) {
            this.owner = owner;
            this.where = where;
        }

        Listener listener(Listener.Bind bind) {
            return new Listener(
                    bind,
                    new Listener.Tls(tls, verify, pkis, ca, ciphers, protocols),
                    new Listener.Auth(auth, authTable, senders, masquerade, scram),
                    new Listener.Session(hostname, hostnames, tag, filter, bareLf, flags),
                    where);
        }
    }

    /// `listen on …`, after the first word.
    void directive(Location where) throws SyntaxError {
        tokens.expect("on");
        if (tokens.accept("socket")) {
            socket(where);
        } else if (tokens.atString()) {
            inet(tokens.next().text(), where);
        } else {
            throw tokens.unexpected(List.of("an interface, an address or a host name"));
        }
    }

    private void socket(Location where) throws SyntaxError {
        Options options = new Options("listen socket", where);
        while (sharedOption(options)) {
            // each turn reads one option
        }
        tokens.peek();
        if (draft.listeners.stream().anyMatch(Listener::isSocket)) {
            throw tokens.fail("'listen on socket' is already given");
        }
        draft.listeners.add(options.listener(new Listener.Bind.Socket()));
    }

    private void inet(String target, Location where) throws SyntaxError {
        long before = draft.listeners.stream().filter(one -> !one.isSocket()).count();
        Options options = new Options("listen " + (before + 1), where);
        while (sharedOption(options)
                || addressOption(options)
                || tlsOption(options)
                || authOption(options)
                || nameOption(options)) {
            // each turn reads one option
        }
        check(options, target);
        boolean implicitPort = options.port == 0;
        int port = options.tls == Listener.TlsMode.SMTPS ? PORT_SMTPS : PORT_SMTP;
        draft.listeners.add(
                options.listener(
                        new Listener.Bind.Inet(
                                target, options.family, implicitPort ? port : options.port)));
    }

    private void once(Options options, String what) throws SyntaxError {
        if (!options.seen.add(what)) {
            throw tokens.fail(what + " is already given for this listener");
        }
    }

    /// The options that the local socket has too.
    private boolean sharedOption(Options options) throws SyntaxError {
        if (tokens.accept("filter")) {
            boolean inPlace = !tokens.atString();
            if (inPlace) {
                once(options, "filter");
            }
            options.filter = filters.use(options.owner);
            if (!inPlace) {
                once(options, "filter");
            }
        } else if (tokens.accept("mask-src")) {
            flag(options, Listener.Flag.MASK_SRC);
        } else if (tokens.accept("no-dsn")) {
            flag(options, Listener.Flag.NO_DSN);
        } else if (tokens.accept("tag")) {
            options.tag = tokens.string("a tag");
            once(options, "tag");
            if (options.tag.length() > TAG_MAX) {
                throw tokens.fail("tag is longer than " + TAG_MAX + " characters");
            }
        } else {
            return false;
        }
        return true;
    }

    private void flag(Options options, Listener.Flag flag) throws SyntaxError {
        once(options, flag.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        options.flags.add(flag);
    }

    private boolean addressOption(Options options) throws SyntaxError {
        if (tokens.accept("inet4")) {
            once(options, "address family");
            options.family = Family.INET4;
        } else if (tokens.accept("inet6")) {
            once(options, "address family");
            options.family = Family.INET6;
        } else if (tokens.accept("port")) {
            options.port = port();
            once(options, "port");
        } else {
            return false;
        }
        return true;
    }

    private int port() throws SyntaxError {
        if (tokens.peek().kind() == Token.Kind.NUMBER) {
            long port = tokens.number("a port");
            if (port <= 0 || port > PORT_MAX) {
                throw tokens.fail("invalid port: " + port + " (1 to " + PORT_MAX + ")");
            }
            return (int) port;
        }
        String service;
        if (tokens.accept("smtp")) {
            service = "smtp";
        } else if (tokens.accept("smtps")) {
            service = "smtps";
        } else {
            service = tokens.string("a port");
        }
        int port = draft.env.servicePort(service);
        if (port == 0) {
            throw tokens.fail("invalid port: " + service + " is no known TCP service");
        }
        return port;
    }

    private boolean tlsOption(Options options) throws SyntaxError {
        if (tokens.accept("smtps")) {
            tls(options, Listener.TlsMode.SMTPS, tokens.accept("verify"));
        } else if (tokens.accept("tls")) {
            tls(options, Listener.TlsMode.STARTTLS, false);
        } else if (tokens.accept("tls-require")) {
            tls(options, Listener.TlsMode.REQUIRE, tokens.accept("verify"));
        } else if (tokens.accept("ciphers")) {
            options.ciphers = TlsWords.ciphers(tokens);
            once(options, "ciphers");
        } else if (tokens.accept("protocols")) {
            options.protocols = TlsWords.protocols(tokens);
            once(options, "protocols");
        } else if (tokens.accept("pki")) {
            pki(options, tokens.string("a pki name"));
        } else if (tokens.accept("ca")) {
            options.ca = tokens.string("a ca name").toLowerCase(Locale.ROOT);
            once(options, "ca");
        } else {
            return false;
        }
        return true;
    }

    private void tls(Options options, Listener.TlsMode mode, boolean verify) throws SyntaxError {
        once(options, "TLS mode");
        options.tls = mode;
        options.verify = verify;
    }

    private void pki(Options options, String name) throws SyntaxError {
        if (options.pkis.size() == PKI_MAX) {
            throw tokens.fail("more than " + PKI_MAX + " pki names for one listener");
        }
        options.pkis.add(name);
    }

    private boolean authOption(Options options) throws SyntaxError {
        if (tokens.accept("auth")) {
            auth(options, Listener.AuthMode.REQUIRED);
        } else if (tokens.accept("auth-optional")) {
            auth(options, Listener.AuthMode.OPTIONAL);
        } else if (tokens.accept("senders")) {
            options.senders = tables.reference(options.owner, "senders");
            options.masquerade = tokens.accept("masquerade");
            once(options, "senders");
            tables.require(options.senders, "senders", TableParser.MAPPING);
        } else {
            return false;
        }
        return true;
    }

    private void auth(Options options, Listener.AuthMode mode) throws SyntaxError {
        if (tables.ahead()) {
            options.authTable = tables.use(options.owner, "auth", TableParser.ANY);
            options.scram = tokens.acceptWord("scram");
        }
        once(options, "auth");
        options.auth = mode;
    }

    private boolean nameOption(Options options) throws SyntaxError {
        if (tokens.accept("hostname")) {
            options.hostname = tokens.string("a host name");
            once(options, "hostname");
        } else if (tokens.accept("hostnames")) {
            options.hostnames = tables.use(options.owner, "hostnames", TableParser.MAPPING);
            once(options, "hostnames");
        } else if (tokens.acceptWord("bare-lf")) {
            options.bareLf = tables.use(options.owner, "bare-lf", TableParser.LIST);
            once(options, "bare-lf");
        } else if (tokens.accept("received-auth")) {
            flag(options, Listener.Flag.RECEIVED_AUTH);
        } else if (tokens.accept("lmtp")) {
            flag(options, Listener.Flag.LMTP);
        } else if (tokens.accept("proxy-v2")) {
            flag(options, Listener.Flag.PROXY_V2);
        } else if (tokens.acceptWord("proxy-v1")) {
            flag(options, Listener.Flag.PROXY_V1);
        } else if (tokens.acceptWord("proxy")) {
            flag(options, Listener.Flag.PROXY_V1);
            flag(options, Listener.Flag.PROXY_V2);
        } else {
            return false;
        }
        return true;
    }

    /// What only the whole directive shows.
    private void check(Options options, String target) throws SyntaxError {
        boolean tls = options.tls != Listener.TlsMode.NONE;
        if (!tokens.atNewline()) {
            return;
        }
        if (!tls && options.auth != Listener.AuthMode.NONE) {
            throw at(options, "auth requires tls, tls-require or smtps");
        }
        // RFC 2033 §5
        if (options.flags.contains(Listener.Flag.LMTP)
                && (options.port == 0 || options.port == PORT_SMTP)) {
            throw at(options, "lmtp requires a port, and not 25");
        }
        if (!tls && !options.pkis.isEmpty()) {
            throw at(options, "pki requires tls, tls-require or smtps");
        }
        if (tls && options.pkis.isEmpty()) {
            throw at(options, "tls, tls-require and smtps require pki");
        }
        if (!draft.env.canListen(target, options.family)) {
            throw at(options, "no such interface, address or host name: " + target);
        }
        for (String pki : options.pkis) {
            if (!draft.pkis.containsKey(pki) && !draft.isBroken("pki", pki)) {
                throw at(options, "no such pki: " + pki + pkiAdvice(pki));
            }
        }
        if (!options.ca.isEmpty() && !draft.cas.containsKey(options.ca)) {
            throw at(
                    options,
                    "no such ca: " + options.ca + Draft.suggestion(options.ca, draft.cas.keySet()));
        }
    }

    private String pkiAdvice(String pki) {
        String lower = pki.toLowerCase(Locale.ROOT);
        if (draft.pkis.containsKey(lower)) {
            return "; names of pki are kept in lower case: write '" + lower + "'";
        }
        return Draft.suggestion(pki, draft.pkis.keySet());
    }

    private static SyntaxError at(Options options, String text) {
        return new SyntaxError(new ConfError(options.where, text));
    }
}
