package smtpd.core.conf;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Reads the directives that set single values: `admd`, `bounce`, `mda`, `mta`, `queue`,
/// `scheduler`, `smtp`, `srs` and our own `sandbox`. Each is called after its first word.
final class OptionParser {
    private final Tokens tokens;
    private final Draft draft;

    OptionParser(Tokens tokens, Draft draft) {
        this.tokens = tokens;
        this.draft = draft;
    }

    void admd() throws SyntaxError {
        String name = tokens.string("a name");
        if (!name.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            throw tokens.fail("admd may hold only printable ASCII characters");
        }
        draft.options.admd = name;
    }

    void bounce() throws SyntaxError {
        if (tokens.accept("limit")) {
            long limit = tokens.number("a number");
            if (limit < 0 || limit > Integer.MAX_VALUE) {
                throw tokens.fail("bounce limit out of range: " + limit);
            }
            draft.options.bounceLimit = (int) limit;
            return;
        }
        if (tokens.acceptWord("suppress")) {
            draft.options.bounceLimit = QueueOptions.NO_REPORTS;
            return;
        }
        tokens.expect("warn-interval");
        List<Duration> intervals = new ArrayList<>();
        do {
            intervals.add(delay("warn-interval"));
        } while (tokens.acceptSign(","));
        if (intervals.size() > QueueOptions.WARN_INTERVALS_MAX) {
            draft.warn(
                    tokens.last(),
                    "only the first " + QueueOptions.WARN_INTERVALS_MAX + " intervals are used");
        }
        int used = Math.min(intervals.size(), QueueOptions.WARN_INTERVALS_MAX);
        draft.options.warnIntervals = List.copyOf(intervals.subList(0, used));
    }

    private Duration delay(String option) throws SyntaxError {
        String text = tokens.string("a delay such as 4h");
        Duration delay = Quantities.delay(text);
        if (delay.isNegative()) {
            throw tokens.fail(
                    "invalid " + option + ": " + text + " (a number and one of s, m, h, d)");
        }
        return delay;
    }

    void mda() throws SyntaxError {
        if (tokens.accept("wrapper")) {
            String name = tokens.string("a wrapper name");
            String command = tokens.string("a command");
            if (draft.wrappers.containsKey(name)) {
                throw tokens.fail("mda wrapper \"" + name + "\" is already declared");
            }
            draft.place("wrapper", name, tokens.last());
            draft.wrappers.put(name, command);
            return;
        }
        tokens.expect("limit");
        Limits limits = draft.options.limits;
        Map<String, Integer> keys = LimitKeys.of(limits.mda());
        while (limit(keys, "mda")) {
            // each turn reads one key
        }
        Mistakes.limits(draft, tokens.last(), "mda", keys);
        draft.options.limits = limits.with(LimitKeys.mda(keys));
    }

    void scheduler() throws SyntaxError {
        Limits limits = draft.options.limits;
        if (tokens.acceptWord("retry")) {
            draft.options.limits = limits.with(retry(limits.scheduler()));
            return;
        }
        if (tokens.acceptWord("backend")) {
            schedulerBackend();
            return;
        }
        tokens.expect("limit");
        Map<String, Integer> keys = LimitKeys.of(limits.scheduler());
        Limits.Heaps heaps = limits.heaps();
        while (true) {
            if (tokens.acceptWord("memory")) {
                heaps = new Limits.Heaps(heaps.queue(), megabytes());
            } else if (!limit(keys, "scheduler")) {
                break;
            }
        }
        Mistakes.limits(draft, tokens.last(), "scheduler", keys);
        draft.options.limits =
                limits.with(LimitKeys.scheduler(limits.scheduler().retry().pauses(), keys))
                        .with(heaps);
    }

    /// A size of memory, in megabytes.
    private int megabytes() throws SyntaxError {
        long size = size() >> 20;
        if (size < Limits.Heaps.LEAST || size > Limits.Heaps.MOST) {
            throw tokens.fail("memory must be between " + Limits.Heaps.LEAST + "M and 1T");
        }
        return (int) size;
    }

    private void schedulerBackend() throws SyntaxError {
        String name = tokens.string("a backend name");
        Optional<SchedulerBackend> backend = SchedulerBackend.of(name);
        if (backend.isEmpty()) {
            draft.laterErrors.add(new ConfError(tokens.last(), SchedulerBackend.unknown(name)));
        }
        draft.options.scheduler = backend.orElse(SchedulerBackend.RAM);
    }

    /// `retry [for domain DOMAIN | for action NAME] DELAY, …`.
    private Limits.Scheduler retry(Limits.Scheduler before) throws SyntaxError {
        Limits.Retry retry = before.retry();
        Limits.Pauses pauses = retry.pauses();
        if (!tokens.accept("for")) {
            pauses = new Limits.Pauses(pauses(), pauses.domains(), pauses.actions());
        } else if (tokens.accept("action")) {
            String name = tokens.string("the name of an action");
            Map<String, List<Duration>> actions = new LinkedHashMap<>(pauses.actions());
            draft.place("retry", name, tokens.last());
            actions.put(name, pauses());
            pauses = new Limits.Pauses(pauses.all(), pauses.domains(), actions);
        } else {
            tokens.expect("domain");
            String domain = tokens.string("a domain").toLowerCase(Locale.ROOT);
            Map<String, List<Duration>> domains = new LinkedHashMap<>(pauses.domains());
            domains.put(domain, pauses());
            pauses = new Limits.Pauses(pauses.all(), domains, pauses.actions());
        }
        return new Limits.Scheduler(
                before.maxInflight(),
                before.maxEvpBatchSize(),
                before.maxMsgBatchSize(),
                before.maxSchedule(),
                new Limits.Retry(retry.mta(), retry.mda(), retry.bounce(), pauses));
    }

    private List<Duration> pauses() throws SyntaxError {
        List<Duration> pauses = new ArrayList<>();
        do {
            pauses.add(delay("pause"));
        } while (tokens.acceptSign(","));
        if (pauses.size() > Limits.Pauses.MAX) {
            throw tokens.fail("scheduler retry: no more than " + Limits.Pauses.MAX + " pauses");
        }
        return pauses;
    }

    void mta() throws SyntaxError {
        Limits.Mta mta = draft.options.limits.mta();
        if (tokens.accept("max-deferred")) {
            int before = mta.maxDeferred();
            int max = count(tokens.number("a number"), "max-deferred", before);
            setMta(new Limits.Mta(mta.defaults(), mta.domains(), max));
            return;
        }
        if (tokens.acceptWord("dane")) {
            dane();
            return;
        }
        if (tokens.acceptWord("mta-sts")) {
            sts();
            return;
        }
        tokens.expect("limit");
        if (tokens.accept("for")) {
            tokens.expect("domain");
            String domain = tokens.string("a domain").toLowerCase(Locale.ROOT);
            Map<String, Limits.MtaLimits> domains = new LinkedHashMap<>(mta.domains());
            domains.put(domain, mtaLimits(mta.of(domain)));
            setMta(new Limits.Mta(mta.defaults(), domains, mta.maxDeferred()));
        } else {
            Limits.MtaLimits defaults = mtaLimits(mta.defaults());
            setMta(new Limits.Mta(defaults, mta.domains(), mta.maxDeferred()));
        }
    }

    /// `dane auto | on | off | anchors FILE`.
    private void dane() throws SyntaxError {
        PeerSecurity before = draft.options.peers;
        for (PeerSecurity.Dane mode : PeerSecurity.Dane.values()) {
            if (tokens.acceptWord(mode.word())) {
                draft.options.peers = before.withDane(mode);
                return;
            }
        }
        if (!tokens.acceptWord("anchors")) {
            throw tokens.unexpected();
        }
        String file = tokens.string("a file");
        if (draft.env.read(file) instanceof ConfEnvironment.Text.Missing(String why)) {
            draft.laterErrors.add(
                    new ConfError(tokens.last(), "mta dane anchors: " + file + ": " + why));
        }
        draft.options.peers = before.withAnchors(file);
    }

    /// `mta-sts on | off | port N | ca NAME`.
    private void sts() throws SyntaxError {
        PeerSecurity before = draft.options.peers;
        if (tokens.acceptWord("on")) {
            draft.options.peers = before.withSts(true);
        } else if (tokens.acceptWord("off")) {
            draft.options.peers = before.withSts(false);
        } else if (tokens.accept("port")) {
            long port = tokens.number("a port");
            if (port < 1 || port > 65_535) {
                throw tokens.fail("invalid port: " + port);
            }
            draft.options.peers = before.withStsPort((int) port);
        } else if (tokens.accept("ca")) {
            String name = tokens.string("the name of a ca").toLowerCase(Locale.ROOT);
            if (!draft.cas.containsKey(name) && !draft.isBroken("ca", name)) {
                throw tokens.fail(
                        "no such ca: " + name + Draft.suggestion(name, draft.cas.keySet()));
            }
            draft.options.peers = before.withStsCa(name);
        } else {
            throw tokens.unexpected();
        }
    }

    private void setMta(Limits.Mta mta) {
        Limits limits = draft.options.limits;
        draft.options.limits = limits.with(mta);
    }

    private Limits.MtaLimits mtaLimits(Limits.MtaLimits before) throws SyntaxError {
        Map<String, Integer> keys = LimitKeys.of(before);
        Family family = before.family();
        while (true) {
            if (tokens.accept("inet4")) {
                family = Family.INET4;
            } else if (tokens.accept("inet6")) {
                family = Family.INET6;
            } else if (!limit(keys, "mta")) {
                Mistakes.limits(draft, tokens.last(), "mta", keys);
                return LimitKeys.mta(family, keys);
            }
        }
    }

    /// `KEY N`; false when no key stands here.
    private boolean limit(Map<String, Integer> keys, String process) throws SyntaxError {
        if (!tokens.atString()) {
            return false;
        }
        String key = tokens.next().text();
        long number = tokens.number("a number");
        Integer before = keys.get(key);
        if (before == null) {
            throw tokens.fail(
                    "no such " + process + " limit: " + key + Draft.suggestion(key, keys.keySet()));
        }
        keys.put(key, count(number, key, before));
        return true;
    }

    /// A number that counts; one below zero leaves the value before and is warned of.
    private int count(long number, String key, int before) {
        if (number < 0) {
            draft.warn(tokens.last(), key + " cannot be negative: " + before + " stays");
            return before;
        }
        return (int) Math.min(number, Integer.MAX_VALUE);
    }

    void queue() throws SyntaxError {
        if (tokens.accept("compression")) {
            compression();
        } else if (tokens.accept("encryption")) {
            draft.options.keys.add(key(QueueKey.Use.ENCRYPT));
        } else if (tokens.acceptWord("decryption")) {
            draft.options.keys.add(key(QueueKey.Use.DECRYPT));
        } else if (tokens.accept("ttl")) {
            draft.options.ttl = delay("ttl");
        } else if (tokens.acceptWord("backend")) {
            backend();
        } else if (tokens.acceptWord("witness")) {
            witness();
        } else if (tokens.accept("limit")) {
            queueLimit();
        } else {
            throw tokens.unexpected();
        }
    }

    private void queueLimit() throws SyntaxError {
        if (!tokens.acceptWord("memory")) {
            throw tokens.unexpected();
        }
        Limits limits = draft.options.limits;
        Limits.Heaps heaps = new Limits.Heaps(megabytes(), limits.heaps().scheduler());
        draft.options.limits = limits.with(heaps);
    }

    private void compression() throws SyntaxError {
        if (tokens.acceptWord("zstd")) {
            draft.options.compression = Compression.ZSTD;
        } else if (!tokens.atString() || tokens.acceptWord("gzip")) {
            draft.options.compression = Compression.GZIP;
        } else {
            String method = tokens.next().text();
            throw tokens.fail(
                    "queue compression " + method + " is not available, gzip and zstd are");
        }
    }

    private void backend() throws SyntaxError {
        String name = tokens.string("a backend name");
        if (!QueueOptions.BACKENDS.contains(name)) {
            draft.laterErrors.add(
                    new ConfError(
                            tokens.last(),
                            "queue backend \""
                                    + name
                                    + "\" does not exist, there are "
                                    + String.join(", ", QueueOptions.BACKENDS)));
        }
        draft.options.backend = name;
    }

    private void witness() throws SyntaxError {
        String path = tokens.string("a file");
        if (!path.startsWith("/")) {
            throw tokens.fail("the path of a witness begins with a slash: " + path);
        }
        draft.options.witness = path;
        draft.place("queue", "witness", tokens.last());
    }

    private QueueKey key(QueueKey.Use use) throws SyntaxError {
        String name = tokens.acceptWord("id") ? tokens.string("the name of a key") : "";
        tokens.secret(true);
        if (!tokens.atString()) {
            return new QueueKey(use, name, QueueKey.Source.PROMPT, "");
        }
        if (tokens.acceptWord("file")) {
            return new QueueKey(use, name, QueueKey.Source.FILE, tokens.string("a file"));
        }
        if (tokens.acceptWord("command")) {
            return new QueueKey(use, name, QueueKey.Source.COMMAND, tokens.string("a command"));
        }
        String key = tokens.next().text();
        if (key.equalsIgnoreCase("stdin") || key.equals("-")) {
            return new QueueKey(use, name, QueueKey.Source.STDIN, "");
        }
        if (!QueueKey.isKey(key)) {
            draft.laterErrors.add(
                    new ConfError(
                            tokens.last(),
                            "queue key has "
                                    + key.length()
                                    + " characters, it must have "
                                    + QueueKey.CHARACTERS));
        }
        return new QueueKey(use, name, QueueKey.Source.KEY, key);
    }

    void smtp() throws SyntaxError {
        SmtpOptions before = draft.options.smtp;
        if (tokens.accept("limit")) {
            Map<String, Integer> keys = new LinkedHashMap<>();
            keys.put("max-mails", before.maxMails());
            keys.put("max-rcpt", before.maxRcpt());
            keys.putAll(LimitKeys.of(before.limits()));
            while (limit(keys, "smtp")) {
                // each turn reads one key
            }
            Mistakes.limits(draft, tokens.last(), "smtp", keys);
            draft.options.smtp =
                    new SmtpOptions(
                            before.maxMessageSize(),
                            keys.getOrDefault("max-mails", 0),
                            keys.getOrDefault("max-rcpt", 0),
                            before.ciphers(),
                            before.subAddrDelim(),
                            LimitKeys.smtp(keys));
        } else if (tokens.accept("ciphers")) {
            setSmtp(before.maxMessageSize(), TlsWords.ciphers(tokens), before.subAddrDelim());
        } else if (tokens.accept("max-message-size")) {
            long size = size();
            if (size == 0) {
                draft.warn(tokens.last(), "max-message-size 0 lets nothing pass");
            }
            setSmtp(size, before.ciphers(), before.subAddrDelim());
        } else if (tokens.accept("sub-addr-delim")) {
            setSmtp(before.maxMessageSize(), before.ciphers(), delimiter());
        } else {
            throw tokens.unexpected();
        }
    }

    private void setSmtp(long maxMessageSize, String ciphers, String subAddrDelim) {
        SmtpOptions before = draft.options.smtp;
        draft.options.smtp =
                new SmtpOptions(
                        maxMessageSize,
                        before.maxMails(),
                        before.maxRcpt(),
                        ciphers,
                        subAddrDelim,
                        before.limits());
    }

    private long size() throws SyntaxError {
        if (tokens.peek().kind() == Token.Kind.NUMBER) {
            long size = tokens.number("a size");
            if (size < 0) {
                throw tokens.fail("invalid size: " + size);
            }
            return size;
        }
        String text = tokens.string("a size such as 35M");
        long size = Quantities.size(text);
        if (size < 0) {
            throw tokens.fail(
                    "invalid size: " + text + " (a number, perhaps with one of K, M, G, T)");
        }
        return size;
    }

    private String delimiter() throws SyntaxError {
        String delimiter = tokens.string("one character");
        if (delimiter.length() != 1) {
            throw tokens.fail("sub-addr-delim must be one character");
        }
        char c = delimiter.charAt(0);
        if (c <= ' ' || c >= 0x7f || c == '@') {
            throw tokens.fail("sub-addr-delim must be a printable ASCII character other than '@'");
        }
        return delimiter;
    }

    void srs() throws SyntaxError {
        SrsOptions before = draft.options.srs;
        if (tokens.accept("key")) {
            tokens.secret(true);
            if (tokens.accept("backup")) {
                String backup = tokens.string("a secret");
                draft.options.srs = new SrsOptions(before.key(), backup, before.ttl());
            } else {
                String key = tokens.string("a secret");
                draft.options.srs = new SrsOptions(key, before.backupKey(), before.ttl());
            }
        } else if (tokens.accept("ttl")) {
            Duration ttl = delay("ttl");
            if (ttl.toDays() == 0) {
                throw tokens.fail("srs ttl must be at least one day");
            }
            draft.options.srs =
                    new SrsOptions(before.key(), before.backupKey(), Duration.ofDays(ttl.toDays()));
        } else {
            throw tokens.unexpected();
        }
    }

    void sandbox() throws SyntaxError {
        for (Config.SandboxLevel level : Config.SandboxLevel.values()) {
            if (tokens.acceptWord(word(level))) {
                draft.options.sandbox = level;
                return;
            }
        }
        throw tokens.unexpected();
    }

    /// The word of the language.
    static String word(Config.SandboxLevel level) {
        return level.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
