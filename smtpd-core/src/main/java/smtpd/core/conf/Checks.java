package smtpd.core.conf;

import smtpd.core.conf.Rule.Criterion;
import smtpd.core.conf.Rule.Kind;
import smtpd.core.smtp.Domains;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/// What only a whole configuration shows: errors of what is missing, and warnings of what is legal
/// and surely a mistake.
final class Checks {
    /// Schemes of smart hosts.
    private static final List<String> SCHEMES =
            List.of("smtp", "smtp+tls", "smtp+notls", "smtps", "lmtp");

    /// Schemes under which a password may be sent.
    private static final Set<String> AUTH_SCHEMES = Set.of("smtp+tls", "smtps");

    private static final Pattern PRIVATE_4 =
            Pattern.compile(
                    "127[.]|10[.]|192[.]168[.]|172[.](1[6-9]|2[0-9]|3[01])[.]|169[.]254[.]");

    private static final Pattern PRIVATE_6 =
            Pattern.compile("::1$|f[cd]|fe[89ab]", Pattern.CASE_INSENSITIVE);

    private Checks() {}

    static void errors(Draft draft) {
        draft.errors.addAll(draft.laterErrors);
        draft.pkis.forEach((name, pki) -> {
            if (!draft.isBroken("pki", name)) {
                pki(name, pki, draft);
            }
        });
        if (!draft.sawMatch) {
            draft.errors.add(
                    new ConfError(
                            Location.NONE,
                            "no rules, nothing to do: at least one match is needed"));
        }
    }

    private static void pki(String name, Draft.PkiDraft pki, Draft draft) {
        if (pki.cert.isEmpty() || pki.key.isEmpty()) {
            String missing = pki.cert.isEmpty() ? "cert" : "key";
            draft.errors.add(new ConfError(pki.where, "pki " + name + " has no " + missing));
            return;
        }
        String problem = draft.env.pairProblem(pki.cert, pki.key);
        if (problem != null) {
            draft.errors.add(new ConfError(pki.keyWhere, "pki " + name + ": " + problem));
        }
    }

    static void warnings(Config config, Draft draft) {
        unreachable(config, draft);
        Unused.warn(config, draft);
        openRelays(config, draft);
        Mistakes.warn(config, draft);
        config.routing()
                .dispatchers()
                .values()
                .forEach(dispatcher -> {
                    Location where = draft.placeOf("action", dispatcher.name());
                    specifiers(dispatcher, where, draft);
                    undeclared(dispatcher, where, config, draft);
                    urls(dispatcher, where, config, draft);
                });
        config.routing()
                .wrappers()
                .forEach((name, command) ->
                        specifier(command, true, draft.placeOf("wrapper", name), draft));
    }

    private static void unreachable(Config config, Draft draft) {
        List<Rule> before = new ArrayList<>();
        for (Rule rule : config.routing().rules()) {
            for (Rule earlier : before) {
                if (covers(earlier, rule, config)) {
                    draft.warn(
                            rule.where(),
                            "this match is never reached: "
                                    + earlier.where()
                                    + " takes all that it matches");
                    break;
                }
            }
            before.add(rule);
        }
    }

    /// Whether a rule matches everything that another one matches.
    private static boolean covers(Rule rule, Rule other, Config config) {
        return rule.criteria().stream()
                .allMatch(criterion ->
                        always(criterion)
                                || other.criteria().stream()
                                        .anyMatch(own -> implies(own, criterion, config)));
    }

    private static boolean always(Criterion criterion) {
        boolean any = criterion.kind() == Kind.FROM_ANY || criterion.kind() == Kind.FOR_ANY;
        return any && !criterion.negated();
    }

    private static boolean implies(Criterion own, Criterion wanted, Config config) {
        boolean sameTest =
                own.kind() == wanted.kind()
                        && own.negated() == wanted.negated()
                        && own.regex() == wanted.regex()
                        && sameTable(own.table(), wanted.table(), config);
        boolean socketIsLocal =
                own.kind() == Kind.FROM_SOCKET
                        && wanted.kind() == Kind.FROM_LOCAL
                        && !own.negated()
                        && !wanted.negated();
        return sameTest || socketIsLocal;
    }

    private static boolean sameTable(String a, String b, Config config) {
        return a.equals(b)
                || Objects.equals(content(config.tables().get(a)), content(config.tables().get(b)));
    }

    /// What a table written in place holds; for any other the table itself.
    private static Object content(@org.jspecify.annotations.Nullable TableConf table) {
        return table instanceof TableConf.StaticList(_, List<String> entries) && table.anonymous()
                ? entries
                : String.valueOf(table);
    }

    private static void openRelays(Config config, Draft draft) {
        boolean reachable =
                config.listeners().stream().anyMatch(listener -> isOpenToTheWorld(listener));
        if (!reachable) {
            return;
        }
        for (Rule rule : config.routing().rules()) {
            boolean relays =
                    config.routing().dispatchers().get(rule.action()) instanceof Dispatcher.Remote;
            if (relays && anySource(rule) && anyDestination(rule)) {
                draft.warn(
                        rule.where(),
                        "open relay: everyone may send to everywhere; 'auth' or 'from' is missing");
            }
        }
    }

    private static boolean isOpenToTheWorld(Listener listener) {
        if (!(listener.bind() instanceof Listener.Bind.Inet(String target, _, _))) {
            return false;
        }
        boolean closed =
                target.equals("localhost") || target.matches("lo[0-9]*") || isPrivate(target);
        return !closed && listener.auth().mode() != Listener.AuthMode.REQUIRED;
    }

    /// Whether a target is an address that the world cannot reach (RFC 1918 §3, RFC 4193 §3).
    private static boolean isPrivate(String target) {
        return (Domains.isIpv4(target) && PRIVATE_4.matcher(target).lookingAt())
                || (Domains.isIpv6(target) && PRIVATE_6.matcher(target).lookingAt());
    }

    /// A sender address or a HELO name restricts nobody: the client chooses it. A tag may.
    private static boolean anySource(Rule rule) {
        return has(rule, Kind.FROM_ANY)
                && rule.criteria().stream()
                        .noneMatch(one -> one.kind() == Kind.AUTH || one.kind() == Kind.TAG);
    }

    private static boolean anyDestination(Rule rule) {
        return (has(rule, Kind.FOR_ANY) || allBut(rule))
                && rule.criteria().stream()
                        .noneMatch(one -> one.kind() == Kind.RCPT_TO && !one.negated());
    }

    /// Whether the destination is everything but some domains.
    private static boolean allBut(Rule rule) {
        return rule.criteria().stream()
                .anyMatch(one ->
                        one.negated()
                                && (one.kind() == Kind.FOR_LOCAL || one.kind() == Kind.FOR_DOMAIN));
    }

    private static boolean has(Rule rule, Kind kind) {
        return rule.criteria().stream().anyMatch(one -> one.kind() == kind && !one.negated());
    }

    private static void specifiers(Dispatcher dispatcher, Location where, Draft draft) {
        if (dispatcher instanceof Dispatcher.Local local) {
            switch (local.method()) {
                case Dispatcher.Method.Maildir(String path, _) ->
                        specifier(path, false, where, draft);
                case Dispatcher.Method.Command(String command) ->
                        specifier(command, false, where, draft);
                case Dispatcher.Method.Mbox _,
                        Dispatcher.Method.Lmtp _,
                        Dispatcher.Method.ExpandOnly _,
                        Dispatcher.Method.ForwardOnly _ -> {}
            }
        }
    }

    private static void specifier(String text, boolean wrapper, Location where, Draft draft) {
        String problem = Format.problem(text, wrapper);
        if (!problem.isEmpty()) {
            draft.warn(where, problem + ": every delivery will fail");
        }
    }

    /// OpenSMTPD: the URL of a smart host is read when mail is sent to it, not before.
    private static void urls(Dispatcher dispatcher, Location where, Config config, Draft draft) {
        if (!(dispatcher instanceof Dispatcher.Remote remote)) {
            return;
        }
        String table =
                switch (remote.target()) {
                    case Dispatcher.Target.Host(String hosts, _, _) -> hosts;
                    case Dispatcher.Target.DomainMap(String map, _) -> map;
                    case Dispatcher.Target.Mx _, Dispatcher.Target.Backup _ -> "";
                };
        Collection<String> urls =
                switch (config.tables().get(table)) {
                    case TableConf.StaticList(_, List<String> entries) -> entries;
                    case TableConf.StaticMap(_, Map<String, String> entries) -> entries.values();
                    case TableConf.FileTable _, TableConf.DbTable _, TableConf.BackendTable _ ->
                            List.of();
                    case null -> List.of();
                };
        for (String url : urls) {
            url(url, where, draft);
        }
    }

    private static void url(String url, Location where, Draft draft) {
        int colons = url.indexOf("://");
        String scheme = colons < 0 ? "smtp" : url.substring(0, colons);
        if (!SCHEMES.contains(scheme)) {
            draft.warn(
                    where,
                    "unknown scheme in "
                            + url
                            + ": one of "
                            + String.join(", ", SCHEMES)
                            + " is needed");
        } else if (url.contains("@") && !AUTH_SCHEMES.contains(scheme)) {
            draft.warn(where, "a label needs smtp+tls or smtps: " + url);
        }
    }

    /// OpenSMTPD: the pki and ca of an action are looked for when it is used, not before.
    private static void undeclared(
            Dispatcher dispatcher, Location where, Config config, Draft draft) {
        if (!(dispatcher instanceof Dispatcher.Remote remote)) {
            return;
        }
        String pki = remote.tls().pki();
        if (!pki.isEmpty() && !config.certificates().pkis().containsKey(pki)) {
            draft.warn(where, "no such pki: " + pki);
        }
        String ca = remote.tls().ca();
        if (!ca.isEmpty() && !config.certificates().cas().containsKey(ca)) {
            draft.warn(where, "no such ca: " + ca);
        }
    }
}
