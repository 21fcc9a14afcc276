package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Secret;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Prints a configuration as understood, in its own grammar (`smtpd -n -v`). What it prints reads
/// back as an equal configuration: macros and included files are resolved, defaults left out, and
/// every declaration stands before its use.
public final class ConfPrinter {
    private final Config config;
    private final StringBuilder out = new StringBuilder();

    private ConfPrinter(Config config) {
        this.config = config;
    }

    /// The configuration as text.
    public static String print(Config config) {
        ConfPrinter printer = new ConfPrinter(config);
        printer.settings();
        printer.limits();
        printer.certificates();
        printer.tables();
        printer.filters();
        config.listeners().forEach(printer::listener);
        config.routing()
                .wrappers()
                .forEach((name, command) ->
                        printer.line("mda wrapper", quote(name), quote(command)));
        printer.dispatchers();
        config.routing().rules().forEach(printer::rule);
        return printer.out.toString();
    }

    private void line(String... words) {
        out.append(String.join(" ", words)).append('\n');
    }

    private static String quote(String text) {
        return Quoting.quote(text);
    }

    /// ` WORD "value"` when the value is set.
    private static String option(String word, String value) {
        return value.isEmpty() ? "" : " " + word + " " + quote(value);
    }

    private static String flag(String word, boolean on) {
        return on ? " " + word : "";
    }

    private void settings() {
        Config.Settings settings = config.settings();
        if (!settings.admd().equals(settings.hostname())) {
            line("admd", quote(settings.admd()));
        }
        if (settings.sandbox() != Config.SandboxLevel.BEST_EFFORT) {
            line("sandbox", OptionParser.word(settings.sandbox()));
        }
        statistics(settings.statistics());
        queue(settings.queue());
        smtp(settings.smtp());
        SrsOptions srs = config.routing().srs();
        if (!srs.key().isEmpty()) {
            line("srs key", quote(srs.key()));
        }
        if (!srs.backupKey().isEmpty()) {
            line("srs key backup", quote(srs.backupKey()));
        }
        if (!srs.ttl().equals(SrsOptions.DEFAULT.ttl())) {
            line("srs ttl", Quantities.delay(srs.ttl()));
        }
    }

    private void key(QueueKey key) {
        String verb =
                switch (key.use()) {
                    case ENCRYPT -> "queue encryption";
                    case DECRYPT -> "queue decryption";
                };
        String start = key.name().isEmpty() ? verb : verb + " id " + quote(key.name());
        switch (key.source()) {
            case PROMPT -> line(start);
            case STDIN -> line(start, "stdin");
            case KEY -> line(start, quote(key.value()));
            case FILE -> line(start, "file", quote(key.value()));
            case COMMAND -> line(start, "command", quote(key.value()));
        }
    }

    private void statistics(StatisticsConf statistics) {
        if (statistics.kept()) {
            line("statistics sqlite");
        }
        for (StatisticsConf.Page page : statistics.pages()) {
            line("statistics http " + door(page.door()) + token(page.token()));
        }
        for (StatisticsConf.Receiver it : statistics.receivers()) {
            line("statistics statsd", quote(it.address()), "port", String.valueOf(it.port()));
        }
    }

    private static String door(StatisticsConf.Door door) {
        return switch (door) {
            case StatisticsConf.Door.Inet(String address, int port) ->
                    "on " + quote(address) + " port " + port;
            case StatisticsConf.Door.Local(String path) -> "socket " + quote(path);
        };
    }

    private static String token(StatisticsConf.Token token) {
        return switch (token) {
            case StatisticsConf.Token.None _ -> "";
            case StatisticsConf.Token.Word(Secret word) -> " token " + quote(word.text());
            case StatisticsConf.Token.File(String path) -> " token file " + quote(path);
        };
    }

    private void queue(QueueOptions queue) {
        switch (queue.compression()) {
            case NONE -> {}
            case GZIP -> line("queue compression");
            case ZSTD -> line("queue compression", queue.compression().word());
        }
        queue.keys().forEach(this::key);
        if (!queue.ttl().equals(QueueOptions.DEFAULT.ttl())) {
            line("queue ttl", Quantities.delay(queue.ttl()));
        }
        if (!queue.backend().isEmpty()) {
            line("queue backend", quote(queue.backend()));
        }
        if (!queue.witness().isEmpty()) {
            line("queue witness", quote(queue.witness()));
        }
        if (!queue.warnIntervals().equals(QueueOptions.DEFAULT.warnIntervals())) {
            line("bounce warn-interval", delays(queue.warnIntervals()));
        }
        if (queue.bounceLimit() == QueueOptions.NO_REPORTS) {
            line("bounce suppress");
        } else if (queue.bounceLimit() != QueueOptions.DEFAULT.bounceLimit()) {
            line("bounce limit", Integer.toString(queue.bounceLimit()));
        }
    }

    private void smtp(SmtpOptions smtp) {
        SmtpOptions usual = SmtpOptions.DEFAULT;
        if (smtp.maxMessageSize() != usual.maxMessageSize()) {
            line("smtp max-message-size", Long.toString(smtp.maxMessageSize()));
        }
        if (smtp.maxMails() != usual.maxMails()) {
            line("smtp limit max-mails", Integer.toString(smtp.maxMails()));
        }
        if (smtp.maxRcpt() != usual.maxRcpt()) {
            line("smtp limit max-rcpt", Integer.toString(smtp.maxRcpt()));
        }
        changed("smtp limit", LimitKeys.of(smtp.limits()), LimitKeys.of(usual.limits()));
        if (!smtp.ciphers().isEmpty()) {
            line("smtp ciphers", quote(smtp.ciphers()));
        }
        if (!smtp.subAddrDelim().equals(usual.subAddrDelim())) {
            line("smtp sub-addr-delim", quote(smtp.subAddrDelim()));
        }
    }

    private void limits() {
        Limits limits = config.settings().limits();
        memory("queue", limits.heaps().queue(), Limits.Heaps.DEFAULT.queue());
        memory("scheduler", limits.heaps().scheduler(), Limits.Heaps.DEFAULT.scheduler());
        SchedulerBackend backend = config.settings().scheduler();
        if (backend != SchedulerBackend.RAM) {
            line("scheduler backend", quote(backend.word()));
        }
        changed(
                "scheduler limit",
                LimitKeys.of(limits.scheduler()),
                LimitKeys.of(Limits.Scheduler.DEFAULT));
        Limits.Pauses pauses = limits.scheduler().retry().pauses();
        pauses("scheduler retry", pauses.all());
        pauses.domains()
                .forEach((name, own) -> pauses("scheduler retry for domain " + quote(name), own));
        pauses.actions()
                .forEach((name, own) -> pauses("scheduler retry for action " + quote(name), own));
        changed("mda limit", LimitKeys.of(limits.mda()), LimitKeys.of(Limits.Mda.DEFAULT));
        Limits.Mta mta = limits.mta();
        if (mta.maxDeferred() != Limits.Mta.DEFAULT.maxDeferred()) {
            line("mta max-deferred", Integer.toString(mta.maxDeferred()));
        }
        mtaLimits("mta limit", mta.defaults(), Limits.MtaLimits.DEFAULT);
        peers(config.settings().peers());
        mta.domains()
                .forEach((domain, own) -> {
                    String head = "mta limit for domain " + quote(domain);
                    line(head);
                    mtaLimits(head, own, mta.defaults());
                });
    }

    private void memory(String process, int megabytes, int usual) {
        if (megabytes != usual) {
            line(process, "limit memory", megabytes + "M");
        }
    }

    private void pauses(String head, List<Duration> pauses) {
        if (!pauses.isEmpty()) {
            line(head, delays(pauses));
        }
    }

    private static String delays(List<Duration> delays) {
        return delays.stream().map(Quantities::delay).collect(Collectors.joining(", "));
    }

    private void peers(PeerSecurity peers) {
        PeerSecurity usual = PeerSecurity.DEFAULT;
        if (peers.dane() != usual.dane()) {
            line("mta dane", peers.dane().word());
        }
        if (!peers.anchors().isEmpty()) {
            line("mta dane anchors", quote(peers.anchors()));
        }
        if (!peers.sts()) {
            line("mta mta-sts off");
        }
        if (peers.stsPort() != usual.stsPort()) {
            line("mta mta-sts port", Integer.toString(peers.stsPort()));
        }
        if (!peers.stsCa().isEmpty()) {
            line("mta mta-sts ca", quote(peers.stsCa()));
        }
    }

    private void mtaLimits(String head, Limits.MtaLimits limits, Limits.MtaLimits usual) {
        if (limits.family() != usual.family()) {
            line(head, limits.family().name().toLowerCase(Locale.ROOT));
        }
        changed(head, LimitKeys.of(limits), LimitKeys.of(usual));
    }

    private void changed(String head, Map<String, Integer> keys, Map<String, Integer> usual) {
        keys.forEach((key, value) -> {
            if (!value.equals(usual.get(key))) {
                line(head, key, value.toString());
            }
        });
    }

    private void certificates() {
        for (Config.Pki pki : config.certificates().pkis().values()) {
            String dhe = pki.dhe().name().toLowerCase(Locale.ROOT);
            line("pki", quote(pki.name()), "cert", quote(pki.cert()));
            line("pki", quote(pki.name()), "key", quote(pki.key()));
            if (pki.dhe() != Config.Pki.Dhe.NONE) {
                line("pki", quote(pki.name()), "dhe", dhe);
            }
        }
        for (Config.Ca ca : config.certificates().cas().values()) {
            line("ca", quote(ca.name()), "cert", quote(ca.cert()));
        }
    }

    private void tables() {
        for (TableConf table : config.tables().values()) {
            if (!table.anonymous()) {
                line("table", quote(table.name()), content(table));
            }
        }
    }

    private static String content(TableConf table) {
        return switch (table) {
            case TableConf.StaticList(_, List<String> entries) ->
                    table.anonymous() && entries.size() == 1
                            ? quote(entries.getFirst())
                            : list(entries);
            case TableConf.StaticMap(_, Map<String, String> entries) ->
                    entries.entrySet().stream()
                            .map(entry -> quote(entry.getKey()) + " = " + quote(entry.getValue()))
                            .collect(Collectors.joining(", ", "{ ", " }"));
            case TableConf.FileTable(_, String path) -> quote("file:" + path);
            case TableConf.DbTable(_, String path) -> quote("db:" + path);
            case TableConf.BackendTable(_, String backend, String path) ->
                    quote(path.isEmpty() ? backend : backend + ":" + path);
        };
    }

    private static String list(List<String> entries) {
        return entries.stream().map(Quoting::quote).collect(Collectors.joining(", ", "{ ", " }"));
    }

    /// A table in use: its name in brackets, or its content when it was written in place.
    private String table(String name) {
        TableConf table = config.tables().get(name);
        return table != null && table.anonymous() ? content(table) : "<" + quote(name) + ">";
    }

    private String tableOption(String word, String name) {
        return name.isEmpty() ? "" : " " + word + " " + table(name);
    }

    private void filters() {
        for (Config.Proc proc : config.programs().procs().values()) {
            if (!proc.anonymous()) {
                line("proc", quote(proc.name()), program(proc));
            }
        }
        for (FilterConf filter : config.programs().filters().values()) {
            if (!filter.anonymous()) {
                line("filter", quote(filter.name()), filterBody(filter));
            }
        }
    }

    private static String program(Config.Proc proc) {
        return quote(proc.command())
                + option("user", proc.user())
                + option("group", proc.group())
                + option("chroot", proc.chroot());
    }

    private String filterBody(FilterConf filter) {
        return switch (filter) {
            case FilterConf.Program(_, String name, var trouble) -> {
                Config.Proc proc = config.programs().procs().get(name);
                String kind =
                        proc != null && proc.anonymous()
                                ? "proc-exec " + program(proc)
                                : "proc " + quote(name);
                yield kind + trouble(trouble);
            }
            case FilterConf.Chain(_, List<String> members) -> "chain " + list(members);
            case FilterConf.Builtin(_, var phase, var condition, var decision) ->
                    "phase "
                            + phase.word()
                            + " match "
                            + (condition.negated() ? "!" : "")
                            + condition.kind().word()
                            + flag("regex", condition.regex())
                            + (condition.table().isEmpty() ? "" : " " + table(condition.table()))
                            + " "
                            + decision.verb().word()
                            + (takesText(decision.verb()) ? " " + quote(decision.text()) : "");
        };
    }

    private static String trouble(FilterConf.Trouble trouble) {
        boolean usual = trouble.fail() == FilterConf.Trouble.DEFAULT.fail();
        boolean patient = trouble.timeout().equals(FilterConf.Trouble.TIMEOUT);
        return (usual ? "" : " fail " + trouble.fail().word())
                + (patient ? "" : " timeout " + Quantities.delay(trouble.timeout()));
    }

    private static boolean takesText(FilterConf.Verb verb) {
        return verb != FilterConf.Verb.JUNK && verb != FilterConf.Verb.BYPASS;
    }

    private String filterOption(String name) {
        FilterConf filter = config.programs().filters().get(name);
        if (filter instanceof FilterConf.Chain chain && chain.anonymous()) {
            return " filter " + list(chain.members());
        }
        return option("filter", name);
    }

    private void listener(Listener listener) {
        Listener.Session session = listener.session();
        String shared =
                filterOption(session.filter())
                        + flag("mask-src", listener.has(Listener.Flag.MASK_SRC))
                        + flag("no-dsn", listener.has(Listener.Flag.NO_DSN))
                        + option("tag", session.tag());
        switch (listener.bind()) {
            case Listener.Bind.Socket _ -> line("listen on socket" + shared);
            case Listener.Bind.Inet(String target, Family family, int port) ->
                    line(
                            "listen on "
                                    + quote(target)
                                    + flag(
                                            family.name().toLowerCase(Locale.ROOT),
                                            family != Family.ANY)
                                    + " port "
                                    + port
                                    + tls(listener.tls())
                                    + auth(listener.auth())
                                    + option("hostname", session.hostname())
                                    + tableOption("hostnames", session.hostnames())
                                    + tableOption("bare-lf", session.bareLf())
                                    + flag(
                                            "received-auth",
                                            listener.has(Listener.Flag.RECEIVED_AUTH))
                                    + flag("lmtp", listener.has(Listener.Flag.LMTP))
                                    + proxy(listener)
                                    + shared);
        }
    }

    private static String proxy(Listener listener) {
        boolean text = listener.has(Listener.Flag.PROXY_V1);
        boolean binary = listener.has(Listener.Flag.PROXY_V2);
        if (text && binary) {
            return " proxy";
        }
        return flag("proxy-v1", text) + flag("proxy-v2", binary);
    }

    private static String tls(Listener.Tls tls) {
        String mode =
                switch (tls.mode()) {
                    case NONE -> "";
                    case STARTTLS -> " tls";
                    case REQUIRE -> " tls-require";
                    case SMTPS -> " smtps";
                };
        String pkis =
                tls.pkis().stream().map(pki -> " pki " + quote(pki)).collect(Collectors.joining());
        return mode
                + flag("verify", tls.verify())
                + pkis
                + option("ca", tls.ca())
                + option("ciphers", tls.ciphers())
                + option("protocols", tls.protocols());
    }

    private String auth(Listener.Auth auth) {
        String mode =
                switch (auth.mode()) {
                    case NONE -> "";
                    case OPTIONAL -> " auth-optional";
                    case REQUIRED -> " auth";
                };
        String table = auth.table().isEmpty() ? "" : " " + table(auth.table());
        return mode
                + table
                + flag("scram", auth.scram())
                + tableOption("senders", auth.senders())
                + flag("masquerade", auth.masquerade());
    }

    private void dispatchers() {
        for (Dispatcher dispatcher : config.routing().dispatchers().values()) {
            switch (dispatcher) {
                case Dispatcher.Local local -> local(local);
                case Dispatcher.Remote remote -> remote(remote);
                case Dispatcher.Bounce _ -> {}
            }
        }
    }

    private void local(Dispatcher.Local local) {
        String method =
                switch (local.method()) {
                    case Dispatcher.Method.Mbox _ -> "mbox";
                    case Dispatcher.Method.Maildir(String path, boolean junk) ->
                            option("maildir", path).isEmpty()
                                    ? "maildir" + flag("junk", junk)
                                    : "maildir " + quote(path) + flag("junk", junk);
                    case Dispatcher.Method.Lmtp(String destination, boolean rcptTo) ->
                            "lmtp " + quote(destination) + flag("rcpt-to", rcptTo);
                    case Dispatcher.Method.Command(String command) -> "mda " + quote(command);
                    case Dispatcher.Method.ExpandOnly _ -> "expand-only";
                    case Dispatcher.Method.ForwardOnly _ -> "forward-only";
                };
        Dispatcher.Users users = local.users();
        line(
                "action "
                        + quote(local.name())
                        + " "
                        + method
                        + tableOption("alias", users.alias())
                        + tableOption("virtual", users.virtual())
                        + tableOption("userbase", users.userbase())
                        + option("user", users.user())
                        + option("wrapper", local.wrapper())
                        + ttl(local.ttl()));
    }

    private static String ttl(java.time.Duration ttl) {
        return ttl.isZero() ? "" : " ttl " + Quantities.delay(ttl);
    }

    private void remote(Dispatcher.Remote remote) {
        Dispatcher.Identity identity = remote.identity();
        line(
                "action "
                        + quote(remote.name())
                        + " relay"
                        + target(remote.target())
                        + option("helo", identity.helo())
                        + tableOption("helo-src", identity.heloSrc())
                        + tableOption("src", identity.src())
                        + option("mail-from", identity.mailFrom())
                        + relayTls(remote.tls())
                        + flag("srs", identity.srs())
                        + filterOption(remote.filter())
                        + ttl(remote.ttl()));
    }

    private String target(Dispatcher.Target target) {
        return switch (target) {
            case Dispatcher.Target.Mx _ -> "";
            case Dispatcher.Target.Backup(String mx) -> " backup" + option("mx", mx);
            case Dispatcher.Target.Host(
                            String hosts,
                            String auth,
                            Dispatcher.Target.Search search) ->
                    tableOption("host", hosts)
                            + (search == Dispatcher.Target.Search.EXCHANGERS ? " mx" : "")
                            + tableOption("auth", auth);
            case Dispatcher.Target.DomainMap(String map, String auth) ->
                    tableOption("domain", map) + tableOption("auth", auth);
        };
    }

    private static String relayTls(Dispatcher.RelayTls tls) {
        String mode =
                switch (tls.mode()) {
                    case OPPORTUNISTIC -> "";
                    case VERIFY -> " tls";
                    case NO_VERIFY -> " tls no-verify";
                };
        return mode
                + option("pki", tls.pki())
                + option("ca", tls.ca())
                + option("ciphers", tls.ciphers())
                + option("protocols", tls.protocols());
    }

    private void rule(Rule rule) {
        Map<Rule.Kind, String> words = new LinkedHashMap<>();
        for (Rule.Criterion criterion : rule.criteria()) {
            words.put(criterion.kind(), criterion(criterion));
        }
        String action = rule.rejects() ? "reject" : "action " + quote(rule.action());
        line("match " + String.join(" ", words.values()) + " " + action);
    }

    private String criterion(Rule.Criterion criterion) {
        String word = criterion.kind().name().toLowerCase(Locale.ROOT).replace('_', '-');
        @Nullable String table = criterion.table().isEmpty() ? null : table(criterion.table());
        return (criterion.negated() ? "!" : "")
                + word.replaceFirst("^(from|for)-", "$1 ")
                + flag("regex", criterion.regex())
                + (table == null ? "" : " " + table);
    }
}
