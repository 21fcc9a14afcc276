package smtpd.core.slice;

import smtpd.core.conf.Compression;
import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Dispatcher.Identity;
import smtpd.core.conf.Dispatcher.Method;
import smtpd.core.conf.Dispatcher.RelayTls;
import smtpd.core.conf.Dispatcher.Target;
import smtpd.core.conf.Dispatcher.TlsPolicy;
import smtpd.core.conf.Dispatcher.Users;
import smtpd.core.conf.Family;
import smtpd.core.conf.Limits;
import smtpd.core.conf.Listener;
import smtpd.core.conf.Location;
import smtpd.core.conf.PeerSecurity;
import smtpd.core.conf.QueueOptions;
import smtpd.core.conf.Rule;
import smtpd.core.conf.SmtpLimits;
import smtpd.core.conf.SmtpOptions;
import smtpd.core.conf.SrsOptions;
import smtpd.core.conf.TableConf;
import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.imsg.ImsgViolation;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// How the values of the configuration look inside a slice.
final class ConfWire {
    private ConfWire() {}

    static <T> void map(FrameOut out, Map<String, T> map, BiConsumer<FrameOut, T> writer) {
        out.list(
                map.entrySet(),
                (o, entry) -> {
                    o.text(entry.getKey());
                    writer.accept(o, entry.getValue());
                });
    }

    static <T> Map<String, T> map(FrameIn in, Function<FrameIn, T> reader) {
        Map<String, T> map = new LinkedHashMap<>();
        in.list(i -> Map.entry(i.text(), reader.apply(i)))
                .forEach(entry -> map.put(entry.getKey(), entry.getValue()));
        return map;
    }

    static <E extends Enum<E>> void set(FrameOut out, Set<E> values) {
        out.list(values, FrameOut::choice);
    }

    static <E extends Enum<E>> Set<E> set(FrameIn in, Class<E> type) {
        EnumSet<E> values = EnumSet.noneOf(type);
        values.addAll(in.list(i -> i.choice(type.getEnumConstants())));
        return values;
    }

    private static void location(FrameOut out, Location where) {
        out.text(where.file()).u32(where.line());
    }

    private static Location location(FrameIn in) {
        return new Location(in.text(), in.u32());
    }

    static void listener(FrameOut out, Listener listener) {
        switch (listener.bind()) {
            case Listener.Bind.Socket _ -> out.u8(0);
            case Listener.Bind.Inet it ->
                    out.u8(1).text(it.target()).choice(it.family()).u32(it.port());
        }
        Listener.Tls tls = listener.tls();
        out.choice(tls.mode()).bool(tls.verify()).texts(tls.pkis());
        out.text(tls.ca()).text(tls.ciphers()).text(tls.protocols());
        Listener.Auth auth = listener.auth();
        out.choice(auth.mode()).text(auth.table()).text(auth.senders());
        out.bool(auth.masquerade()).bool(auth.scram());
        Listener.Session session = listener.session();
        out.text(session.hostname()).text(session.hostnames());
        out.text(session.tag()).text(session.filter()).text(session.bareLf());
        set(out, session.flags());
        location(out, listener.where());
    }

    static Listener listener(FrameIn in) {
        return new Listener(bind(in), tls(in), auth(in), session(in), location(in));
    }

    private static Listener.Bind bind(FrameIn in) {
        return switch (in.u8()) {
            case 0 -> new Listener.Bind.Socket();
            case 1 -> new Listener.Bind.Inet(in.text(), in.choice(Family.values()), in.u32());
            default -> throw new ImsgViolation("unknown bind");
        };
    }

    private static Listener.Tls tls(FrameIn in) {
        return new Listener.Tls(
                in.choice(Listener.TlsMode.values()),
                in.bool(),
                in.texts(),
                in.text(),
                in.text(),
                in.text());
    }

    private static Listener.Auth auth(FrameIn in) {
        return new Listener.Auth(
                in.choice(Listener.AuthMode.values()), in.text(), in.text(), in.bool(), in.bool());
    }

    private static Listener.Session session(FrameIn in) {
        return new Listener.Session(
                in.text(),
                in.text(),
                in.text(),
                in.text(),
                in.text(),
                set(in, Listener.Flag.class));
    }

    static void table(FrameOut out, TableConf table) {
        switch (table) {
            case TableConf.StaticList it -> out.u8(0).text(it.name()).texts(it.entries());
            case TableConf.StaticMap it -> {
                out.u8(1).text(it.name());
                map(out, it.entries(), FrameOut::text);
            }
            case TableConf.FileTable it -> out.u8(2).text(it.name()).text(it.path());
            case TableConf.DbTable it -> out.u8(3).text(it.name()).text(it.path());
            case TableConf.BackendTable it ->
                    out.u8(4).text(it.name()).text(it.backend()).text(it.path());
        }
    }

    static TableConf table(FrameIn in) {
        return switch (in.u8()) {
            case 0 -> new TableConf.StaticList(in.text(), in.texts());
            case 1 -> new TableConf.StaticMap(in.text(), map(in, FrameIn::text));
            case 2 -> new TableConf.FileTable(in.text(), in.text());
            case 3 -> new TableConf.DbTable(in.text(), in.text());
            case 4 -> new TableConf.BackendTable(in.text(), in.text(), in.text());
            default -> throw new ImsgViolation("unknown table");
        };
    }

    static void rule(FrameOut out, Rule rule) {
        out.list(rule.criteria(), ConfWire::criterion).text(rule.action());
        location(out, rule.where());
    }

    static Rule rule(FrameIn in) {
        return new Rule(in.list(ConfWire::criterion), in.text(), location(in));
    }

    private static void criterion(FrameOut out, Rule.Criterion criterion) {
        out.choice(criterion.kind()).bool(criterion.negated());
        out.bool(criterion.regex()).text(criterion.table());
    }

    private static Rule.Criterion criterion(FrameIn in) {
        return new Rule.Criterion(in.choice(Rule.Kind.values()), in.bool(), in.bool(), in.text());
    }

    static void dispatcher(FrameOut out, Dispatcher dispatcher) {
        switch (dispatcher) {
            case Dispatcher.Local it -> {
                out.u8(0);
                local(out, it);
            }
            case Dispatcher.Remote it -> {
                out.u8(1);
                remote(out, it);
            }
            case Dispatcher.Bounce it -> out.u8(2).text(it.name());
        }
    }

    static Dispatcher dispatcher(FrameIn in) {
        return switch (in.u8()) {
            case 0 -> local(in);
            case 1 -> remote(in);
            case 2 -> new Dispatcher.Bounce(in.text());
            default -> throw new ImsgViolation("unknown dispatcher");
        };
    }

    static void local(FrameOut out, Dispatcher.Local local) {
        out.text(local.name());
        switch (local.method()) {
            case Method.Mbox _ -> out.u8(0);
            case Method.Maildir it -> out.u8(1).text(it.path()).bool(it.junk());
            case Method.Lmtp it -> out.u8(2).text(it.destination()).bool(it.rcptTo());
            case Method.Command it -> out.u8(3).text(it.command());
            case Method.ExpandOnly _ -> out.u8(4);
            case Method.ForwardOnly _ -> out.u8(5);
        }
        Users users = local.users();
        out.text(users.alias()).text(users.virtual()).text(users.userbase()).text(users.user());
        out.text(local.wrapper()).duration(local.ttl());
    }

    static Dispatcher.Local local(FrameIn in) {
        return new Dispatcher.Local(
                in.text(),
                method(in),
                new Users(in.text(), in.text(), in.text(), in.text()),
                in.text(),
                in.duration());
    }

    private static Method method(FrameIn in) {
        return switch (in.u8()) {
            case 0 -> new Method.Mbox();
            case 1 -> new Method.Maildir(in.text(), in.bool());
            case 2 -> new Method.Lmtp(in.text(), in.bool());
            case 3 -> new Method.Command(in.text());
            case 4 -> new Method.ExpandOnly();
            case 5 -> new Method.ForwardOnly();
            default -> throw new ImsgViolation("unknown method");
        };
    }

    static void remote(FrameOut out, Dispatcher.Remote remote) {
        out.text(remote.name());
        switch (remote.target()) {
            case Target.Mx _ -> out.u8(0);
            case Target.Backup it -> out.u8(1).text(it.mx());
            case Target.Host it -> out.u8(2).text(it.hosts()).text(it.auth()).choice(it.search());
            case Target.DomainMap it -> out.u8(3).text(it.map()).text(it.auth());
        }
        Identity identity = remote.identity();
        out.text(identity.helo()).text(identity.heloSrc()).text(identity.src());
        out.text(identity.mailFrom()).bool(identity.srs());
        RelayTls tls = remote.tls();
        out.choice(tls.mode()).text(tls.pki()).text(tls.ca());
        out.text(tls.ciphers()).text(tls.protocols());
        out.text(remote.filter()).duration(remote.ttl());
    }

    static Dispatcher.Remote remote(FrameIn in) {
        return new Dispatcher.Remote(
                in.text(),
                target(in),
                new Identity(in.text(), in.text(), in.text(), in.text(), in.bool()),
                new RelayTls(
                        in.choice(TlsPolicy.values()), in.text(), in.text(), in.text(), in.text()),
                in.text(),
                in.duration());
    }

    private static Target target(FrameIn in) {
        return switch (in.u8()) {
            case 0 -> new Target.Mx();
            case 1 -> new Target.Backup(in.text());
            case 2 -> new Target.Host(in.text(), in.text(), in.choice(Target.Search.values()));
            case 3 -> new Target.DomainMap(in.text(), in.text());
            default -> throw new ImsgViolation("unknown relay target");
        };
    }

    static void tasks(FrameOut out, Limits.Tasks tasks) {
        out.u32(tasks.hiwat()).u32(tasks.lowat()).u32(tasks.release());
    }

    static Limits.Tasks tasks(FrameIn in) {
        return new Limits.Tasks(in.u32(), in.u32(), in.u32());
    }

    static void peers(FrameOut out, PeerSecurity peers) {
        out.choice(peers.dane());
        out.text(peers.anchors());
        out.bool(peers.sts());
        out.u32(peers.stsPort());
        out.text(peers.stsCa());
    }

    static PeerSecurity peers(FrameIn in) {
        return new PeerSecurity(
                in.choice(PeerSecurity.Dane.values()), in.text(), in.bool(), in.u32(), in.text());
    }

    static void mtaLimits(FrameOut out, Limits.MtaLimits limits) {
        out.choice(limits.family());
        perNoun(out, limits.maxConn(), FrameOut::u32);
        perNoun(out, limits.connDelay(), FrameOut::duration);
        Limits.MtaSession session = limits.session();
        out.u32(session.mailMax()).duration(session.transactionDelay());
        out.duration(session.keepalive()).u32(session.maxFailures());
        out.duration(session.reconnDelayRoute());
        tasks(out, limits.tasks());
    }

    static Limits.MtaLimits mtaLimits(FrameIn in) {
        return new Limits.MtaLimits(
                in.choice(Family.values()),
                perNoun(in, FrameIn::u32),
                perNoun(in, FrameIn::duration),
                new Limits.MtaSession(
                        in.u32(), in.duration(), in.duration(), in.u32(), in.duration()),
                tasks(in));
    }

    private static <T> void perNoun(
            FrameOut out, Limits.PerNoun<T> limits, BiConsumer<FrameOut, T> writer) {
        writer.accept(out, limits.host());
        writer.accept(out, limits.route());
        writer.accept(out, limits.source());
        writer.accept(out, limits.connector());
        writer.accept(out, limits.relay());
        writer.accept(out, limits.domain());
    }

    private static <T> Limits.PerNoun<T> perNoun(FrameIn in, Function<FrameIn, T> reader) {
        return new Limits.PerNoun<>(
                reader.apply(in),
                reader.apply(in),
                reader.apply(in),
                reader.apply(in),
                reader.apply(in),
                reader.apply(in));
    }

    static void smtp(FrameOut out, SmtpOptions smtp) {
        out.i64(smtp.maxMessageSize()).u32(smtp.maxMails()).u32(smtp.maxRcpt());
        out.text(smtp.ciphers()).text(smtp.subAddrDelim());
        out.list(smtp.limits().list(), FrameOut::u32);
    }

    static SmtpOptions smtp(FrameIn in) {
        return new SmtpOptions(
                in.i64(),
                in.u32(),
                in.u32(),
                in.text(),
                in.text(),
                SmtpLimits.listed(in.list(FrameIn::u32)));
    }

    static void srs(FrameOut out, SrsOptions srs) {
        out.text(srs.key()).text(srs.backupKey()).duration(srs.ttl());
    }

    static SrsOptions srs(FrameIn in) {
        return new SrsOptions(in.text(), in.text(), in.duration());
    }

    static void queue(FrameOut out, QueueOptions queue) {
        out.duration(queue.ttl()).choice(queue.compression());
        out.text(queue.backend()).text(queue.witness());
        out.list(queue.warnIntervals(), FrameOut::duration);
        out.u32(queue.bounceLimit());
    }

    static QueueOptions queue(FrameIn in) {
        return new QueueOptions(
                in.duration(),
                in.choice(Compression.values()),
                List.of(),
                in.text(),
                in.text(),
                in.list(FrameIn::duration),
                in.u32());
    }
}
