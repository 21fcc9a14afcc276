package smtpd.lka.dns;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedResolver;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.dnssec.ValidatingResolver;

import smtpd.core.proc.Fatal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// DNS whose answers are checked here, from the trust anchors down (RFC 4035 §5): the servers are
/// believed in nothing.
///
/// An answer that fails the check is "not now", whatever it says. Answers are kept for their time
/// to live; equal questions under way share one.
final class ValidatingDns implements SignedDns {
    private static final Logger LOG = LoggerFactory.getLogger(ValidatingDns.class);

    /// The keys of the root (RFC 7958): those that sign now and those that will.
    static final String ROOT_ANCHORS =
            """
            . IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
            . IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
            """;

    /// How long one question may take, keys and all: the mta waits no longer.
    static final Duration PATIENCE = Duration.ofSeconds(20);

    /// Questions under way: what a dead server can pile up.
    static final int UNDER_WAY_MAX = 1024;

    /// How often an answer that fails the check is logged.
    private static final Duration COMPLAINT_INTERVAL = Duration.ofMinutes(1);

    private final Resolver resolver;
    private final List<Name> anchors = new ArrayList<>();
    private final InstantSource clock;
    private final DnsCache<Vouched> cache = new DnsCache<>(Vouched::reply);
    private final Map<DnsCache.Key, CompletableFuture<Vouched>> underWay = new LinkedHashMap<>();
    private Instant complained = Instant.MIN;

    /// @param settings whom to ask
    /// @param anchors DS or DNSKEY records
    /// @param clock the time
    /// @throws IOException when the anchors cannot be read, or there is none
    ValidatingDns(DnsSettings settings, String anchors, InstantSource clock) throws IOException {
        RawTlsa.register();
        this.clock = clock;
        List<Resolver> servers = new ArrayList<>();
        for (InetSocketAddress address : settings.servers()) {
            SimpleResolver server = new SimpleResolver(address);
            server.setTimeout(settings.timeout());
            servers.add(server);
        }
        ExtendedResolver head = new ExtendedResolver(servers);
        head.setRetries(settings.attempts());
        head.setTimeout(PATIENCE);
        ValidatingResolver validating = new ValidatingResolver(head, time(clock));
        validating.loadTrustAnchors(
                new ByteArrayInputStream(anchors.getBytes(StandardCharsets.US_ASCII)));
        validating.getTrustAnchors().items().forEach(set -> this.anchors.add(set.getName()));
        if (this.anchors.isEmpty()) {
            throw new IOException("no DS or DNSKEY record in the trust anchors of DNSSEC");
        }
        resolver = validating;
    }

    private static Clock time(InstantSource source) {
        return source.withZone(ZoneOffset.UTC);
    }

    /// Whether the servers pass on what the check needs: the keys of the first anchor can be had
    /// and are right.
    CompletableFuture<Boolean> works() {
        Message query =
                Message.newQuery(
                        Record.newRecord(anchors.getFirst(), org.xbill.DNS.Type.DNSKEY, DClass.IN));
        return send(query)
                .toCompletableFuture()
                .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .handle((answer, failure) -> failure == null && isSecure(answer));
    }

    private CompletionStage<Message> send(Message query) {
        return resolver.sendAsync(query, task -> Thread.ofVirtual().start(task));
    }

    private static boolean isSecure(Message answer) {
        return answer.getHeader().getFlag(Flags.AD);
    }

    @Override
    public CompletableFuture<Vouched> ask(String name, RecordType type) {
        Name absolute;
        try {
            absolute = Name.concatenate(Name.fromString(name), Name.root);
        } catch (TextParseException | NameTooLongException e) {
            return CompletableFuture.completedFuture(
                    new Vouched(new DnsReply.NotAName(), Security.INSECURE, name));
        }
        DnsCache.Key key = new DnsCache.Key(name.toLowerCase(Locale.ROOT), type);
        CompletableFuture<Vouched> promise = new CompletableFuture<>();
        synchronized (this) {
            Vouched known = cache.find(key, clock.instant());
            if (known != null) {
                return CompletableFuture.completedFuture(known);
            }
            CompletableFuture<Vouched> same = underWay.get(key);
            if (same != null) {
                return same;
            }
            if (underWay.size() >= UNDER_WAY_MAX) {
                return CompletableFuture.completedFuture(
                        notNow(name, "too many questions to DNS under way"));
            }
            underWay.put(key, promise);
        }
        CompletableFuture<?> _ =
                answer(absolute, type, 0)
                        .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                        .whenComplete((answer, failure) ->
                                Fatal.guarded(() ->
                                                settle(
                                                        key,
                                                        promise,
                                                        answer == null
                                                                ? failed(key, failure)
                                                                : answer))
                                        .run());
        return promise;
    }

    private Timed failed(DnsCache.Key key, Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (cause instanceof Error error) {
            throw error;
        }
        String reason = cause.getClass().getSimpleName();
        complain(key, reason);
        return new Timed(notNow(key.name(), reason), Duration.ZERO);
    }

    private static Vouched notNow(String name, String reason) {
        return new Vouched(new DnsReply.Tempfail(reason), Security.INSECURE, name);
    }

    private void settle(DnsCache.Key key, CompletableFuture<Vouched> promise, Timed answer) {
        if (answer.vouched().reply() instanceof DnsReply.Tempfail(String reason)) {
            complain(key, reason);
        }
        synchronized (this) {
            cache.put(key, answer.vouched(), answer.ttl(), clock.instant());
            underWay.remove(key);
        }
        promise.complete(answer.vouched());
    }

    /// An answer and how long it may be kept.
    private record Timed(Vouched vouched, Duration ttl) {}

    /// Follows aliases whose targets a server did not add.
    private CompletableFuture<Timed> answer(Name name, RecordType type, int hops) {
        Message query = Message.newQuery(Record.newRecord(name, type.code(), DClass.IN));
        return send(query)
                .toCompletableFuture()
                .thenCompose(message -> {
                    Security security = isSecure(message) ? Security.SECURE : Security.INSECURE;
                    return switch (AnswerReader.read(message, name, type)) {
                        case AnswerReader.Reading.Complete(DnsReply reply, Duration ttl) ->
                                CompletableFuture.completedFuture(
                                        new Timed(vouched(message, name, reply, security), ttl));
                        case AnswerReader.Reading.Elsewhere(Name target)
                                when hops < AnswerReader.ALIASES_MAX ->
                                answer(target, type, hops + 1)
                                        .thenApply(rest -> weaker(rest, security));
                        case AnswerReader.Reading.Elsewhere _ ->
                                CompletableFuture.completedFuture(
                                        new Timed(
                                                notNow(name.toString(true), "aliases lead round"),
                                                Duration.ZERO));
                    };
                });
    }

    private static Vouched vouched(Message message, Name name, DnsReply reply, Security security) {
        DnsReply said =
                reply instanceof DnsReply.Tempfail(String code)
                        ? new DnsReply.Tempfail(reason(message, code))
                        : reply;
        String end = AnswerReader.end(message, name).toString(true);
        return new Vouched(said, security, end);
    }

    private static Timed weaker(Timed rest, Security first) {
        Vouched end = rest.vouched();
        return first == Security.SECURE
                ? rest
                : new Timed(new Vouched(end.reply(), first, end.name()), rest.ttl());
    }

    /// The check leaves its reason in a TXT record of a class of its own.
    private static String reason(Message message, String code) {
        for (Record each : message.getSection(Section.ADDITIONAL)) {
            if (each instanceof TXTRecord text
                    && text.getDClass() == ValidatingResolver.VALIDATION_REASON_QCLASS
                    && message.getRcode() == Rcode.SERVFAIL) {
                return "DNSSEC: " + String.join("", text.getStrings());
            }
        }
        return code;
    }

    private void complain(DnsCache.Key key, String reason) {
        Instant now = clock.instant();
        synchronized (this) {
            boolean lately =
                    !complained.equals(Instant.MIN)
                            && now.isBefore(complained.plus(COMPLAINT_INTERVAL));
            if (lately) {
                return;
            }
            complained = now;
        }
        LOG.warn(
                "warn: dns: {} for {} {}",
                smtpd.core.smtp.Printable.line(reason),
                key.name(),
                key.type());
    }
}
