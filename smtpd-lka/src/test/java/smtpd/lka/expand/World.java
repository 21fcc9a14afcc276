package smtpd.lka.expand;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Location;
import smtpd.core.conf.Rule;
import smtpd.core.conf.SrsOptions;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.lka.rules.LocalNames;
import smtpd.lka.rules.Ruleset;
import smtpd.lka.srs.Srs;
import smtpd.lka.table.Answer;
import smtpd.lka.table.Entries;
import smtpd.lka.table.MemoryTable;
import smtpd.lka.table.Table;
import smtpd.lka.table.Tables;
import smtpd.lka.table.UnavailableTable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A configuration and its surroundings, written as a test needs them.
final class World {
    static final String HOSTNAME = "mx.example.org";
    static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private final Map<String, Table> tables = new LinkedHashMap<>();
    private final Map<String, Dispatcher> dispatchers = new LinkedHashMap<>();
    private final List<Rule> rules = new ArrayList<>();
    private final Map<String, ParentToChild.ForwardFile> forwards = new LinkedHashMap<>();
    private final Map<String, String> users = new LinkedHashMap<>();
    private final Map<String, String> files = new LinkedHashMap<>();
    private MailAddr sender = MailAddr.of("sender@far.example");
    private char delimiter = '+';
    private Srs srs = new Srs(SrsOptions.DEFAULT, HOSTNAME);

    World() {
        users("root:0", "bob:1000", "alice:1001", "carol:1002");
    }

    World users(String... entries) {
        for (String entry : entries) {
            String[] pair = entry.split(":", -1);
            users.put(pair[0], pair[1] + ":" + pair[1] + ":/home/" + pair[0]);
        }
        return this;
    }

    World map(String name, String... pairs) {
        Map<String, String> entries = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            entries.put(pairs[i], pairs[i + 1]);
        }
        tables.put(name, new MemoryTable(name, delimiter, () -> Entries.mapping(entries)));
        return this;
    }

    World down(String name) {
        tables.put(name, new UnavailableTable(name, "down"));
        return this;
    }

    World local(String name, Dispatcher.Users how) {
        return action(
                new Dispatcher.Local(
                        name, new Dispatcher.Method.Maildir("", false), how, "", Duration.ZERO));
    }

    World action(Dispatcher dispatcher) {
        dispatchers.put(dispatcher.name(), dispatcher);
        return this;
    }

    World relay(String name) {
        return action(
                new Dispatcher.Remote(
                        name,
                        new Dispatcher.Target.Mx(),
                        Dispatcher.Identity.DEFAULT,
                        Dispatcher.RelayTls.DEFAULT,
                        "",
                        Duration.ofHours(1)));
    }

    /// A rule from everywhere for a domain; `*` for all.
    World rule(String action, String domain) {
        String table = "rule" + rules.size();
        tables.put(table, new MemoryTable(table, delimiter, () -> Entries.list(List.of(domain))));
        rules.add(
                new Rule(
                        List.of(
                                new Rule.Criterion(Rule.Kind.FROM_ANY, false, false, ""),
                                new Rule.Criterion(Rule.Kind.FOR_DOMAIN, false, false, table)),
                        action,
                        Location.NONE));
        return this;
    }

    /// A rule from this machine for everything.
    World fromLocal(String action) {
        rules.add(
                new Rule(
                        List.of(
                                new Rule.Criterion(Rule.Kind.FROM_LOCAL, false, false, ""),
                                new Rule.Criterion(Rule.Kind.FOR_ANY, false, false, "")),
                        action,
                        Location.NONE));
        return this;
    }

    World forward(String user, String text) {
        return forward(user, new ParentToChild.ForwardFile(LookupAnswer.FOUND, Bytes.of(text), ""));
    }

    World forward(String user, ParentToChild.ForwardFile file) {
        forwards.put(user, file);
        return this;
    }

    /// What separates user and tag; to be said first.
    World delimiter(char other) {
        delimiter = other;
        return this;
    }

    /// What arrives is a report.
    World report() {
        sender = MailAddr.NULL;
        return this;
    }

    World srs(String key) {
        srs = new Srs(new SrsOptions(key, "", Duration.ofDays(4)), HOSTNAME);
        return this;
    }

    World file(String path, String text) {
        files.put(path, text);
        return this;
    }

    Expansion.Result expand(String rcpt) {
        return expansion(rcpt).result();
    }

    Expansion expansion(String rcpt) {
        Table base = new MemoryTable("users", delimiter, () -> Entries.mapping(users));
        Tables all = new Tables(tables, base);
        Expander expander =
                new Expander(
                        new Expander.Policy(dispatchers, delimiter, "_smtpd"),
                        new Ruleset(rules, new LocalNames(HOSTNAME, List.of(), List.of()), all),
                        all,
                        user -> forwards.getOrDefault(user.name(), absent(user)),
                        path ->
                                files.containsKey(path)
                                        ? new Answer.Found(files.getOrDefault(path, ""))
                                        : Answer.NOT_FOUND,
                        address -> srs.decode(address, NOW));
        Envelope.Origin origin =
                new Envelope.Origin(
                        "",
                        "mx.example.org",
                        "client",
                        "<unknown>",
                        "198.51.100.9",
                        "",
                        Envelope.OriginFlags.NONE);
        return expander.expand(origin, sender, MailAddr.of(rcpt));
    }

    private static ParentToChild.ForwardFile absent(UserRecord user) {
        return new ParentToChild.ForwardFile(LookupAnswer.NOT_FOUND, Bytes.EMPTY, user.name());
    }

    /// The outcome on one line: `550 …` or `action:user:exec <dest>` for each delivery.
    String line(String rcpt) {
        return switch (expand(rcpt)) {
            case Expansion.Result.Refused refused ->
                    (refused.code() + " " + refused.status() + " " + refused.text())
                            .replaceAll(" +", " ");
            case Expansion.Result.Accepted(List<Expansion.Delivery> deliveries) ->
                    deliveries.stream().map(World::shown).collect(Collectors.joining(", "));
        };
    }

    private static String shown(Expansion.Delivery delivery) {
        String how =
                switch (delivery.target()) {
                    case Envelope.Target.Mda mda ->
                            mda.dispatcher()
                                    + ":"
                                    + mda.user()
                                    + (mda.subaddress().isEmpty() ? "" : "+" + mda.subaddress())
                                    + (mda.exec().isEmpty() ? "" : ":" + mda.exec());
                    case Envelope.Target.Mta mta -> mta.dispatcher();
                    case Envelope.Target.Bounce bounce -> bounce.toString();
                };
        return how + " <" + delivery.dest() + ">";
    }
}
