package smtpd.lka.dns;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.Record;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TextParseException;

import smtpd.core.proc.Fatal;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/// Asks the configured servers over UDP, and over TCP when an answer was cut short (RFC 1035
/// §4.2.1).
///
/// Each server is tried in turn, [DnsSettings#attempts()] rounds. Equal questions under way share
/// one answer. At most [#UNDER_WAY_MAX] questions are under way; further ones end as "not now" at
/// once. Answers are kept for their time to live ([DnsCache]).
public final class DnsClient implements Dns {
    private static final Logger LOG = LoggerFactory.getLogger(DnsClient.class);

    /// Questions under way: what a dead server can pile up.
    static final int UNDER_WAY_MAX = 1024;

    /// How often a server that does not answer is logged.
    static final Duration COMPLAINT_INTERVAL = Duration.ofMinutes(1);

    /// Size of UDP answers we take without fragmentation (RFC 9715 §3: 1,400 or less).
    private static final int EDNS_SIZE = 1232;

    private final InstantSource clock;
    private final int rounds;
    private final List<SimpleResolver> servers = new ArrayList<>();
    private final DnsCache<DnsReply> cache = new DnsCache<>(Function.identity());
    private final Map<DnsCache.Key, CompletableFuture<DnsReply>> underWay = new HashMap<>();
    private Instant complained = Instant.MIN;

    /// @param settings whom to ask
    /// @param clock the time
    public DnsClient(DnsSettings settings, InstantSource clock) {
        this.clock = clock;
        rounds = settings.attempts();
        for (InetSocketAddress address : settings.servers()) {
            SimpleResolver server = new SimpleResolver(address);
            server.setTimeout(settings.timeout());
            server.setEDNS(0, EDNS_SIZE, 0, List.of());
            servers.add(server);
        }
    }

    @Override
    public CompletableFuture<DnsReply> ask(String name, RecordType type) {
        Name absolute;
        try {
            absolute = Name.concatenate(Name.fromString(name), Name.root);
        } catch (TextParseException | NameTooLongException e) {
            return CompletableFuture.completedFuture(new DnsReply.NotAName());
        }
        DnsCache.Key key = new DnsCache.Key(name.toLowerCase(Locale.ROOT), type);
        CompletableFuture<DnsReply> promise = new CompletableFuture<>();
        synchronized (this) {
            DnsReply known = cache.find(key, clock.instant());
            if (known != null) {
                return CompletableFuture.completedFuture(known);
            }
            CompletableFuture<DnsReply> same = underWay.get(key);
            if (same != null) {
                return same;
            }
            if (underWay.size() >= UNDER_WAY_MAX) {
                return CompletableFuture.completedFuture(
                        new DnsReply.Tempfail("too many questions to DNS under way"));
            }
            underWay.put(key, promise);
        }
        new Question(key, absolute, promise).send(absolute, 0, 0);
        return promise;
    }

    /// Loads what a question needs, so that it works when no new file can be opened any more.
    public void warmUp() {
        Message message = query(Name.root, RecordType.TXT);
        try {
            AnswerReader.read(new Message(message.toWire()), Name.root, RecordType.TXT);
        } catch (java.io.IOException e) {
            throw new IllegalStateException("a message reads itself", e);
        }
    }

    private static Message query(Name name, RecordType type) {
        return Message.newQuery(Record.newRecord(name, type.code(), DClass.IN));
    }

    private void settle(
            DnsCache.Key key, CompletableFuture<DnsReply> promise, DnsReply reply, Duration ttl) {
        synchronized (this) {
            cache.put(key, reply, ttl, clock.instant());
            underWay.remove(key);
        }
        promise.complete(reply);
    }

    private void complain(String reason) {
        Instant now = clock.instant();
        synchronized (this) {
            if (now.isBefore(later(complained))) {
                return;
            }
            complained = now;
        }
        LOG.warn("warn: dns: {}", reason);
    }

    private static Instant later(Instant complained) {
        return complained.equals(Instant.MIN) ? complained : complained.plus(COMPLAINT_INTERVAL);
    }

    /// One question under way.
    private final class Question {
        private final DnsCache.Key key;
        private final Name asked;
        private final CompletableFuture<DnsReply> promise;

        Question(DnsCache.Key key, Name asked, CompletableFuture<DnsReply> promise) {
            this.key = key;
            this.asked = asked;
            this.promise = promise;
        }

        /// @param attempt counts servers over all rounds
        /// @param hops aliases followed so far
        void send(Name name, int attempt, int hops) {
            SimpleResolver server = servers.get(attempt % servers.size());
            server.sendAsync(query(name, key.type()))
                    .whenComplete((answer, failure) ->
                            Fatal.guarded(
                                            () -> {
                                                if (failure == null) {
                                                    answered(answer, name, attempt, hops);
                                                } else {
                                                    failed(
                                                            name,
                                                            attempt,
                                                            hops,
                                                            reason(server, failure));
                                                }
                                            })
                                    .run());
        }

        private void answered(Message answer, Name name, int attempt, int hops) {
            switch (AnswerReader.read(answer, name, key.type())) {
                case AnswerReader.Reading.Elsewhere(Name target)
                        when hops < AnswerReader.ALIASES_MAX && !target.equals(asked) ->
                        send(target, 0, hops + 1);
                case AnswerReader.Reading.Elsewhere _ ->
                        settle(
                                key,
                                promise,
                                new DnsReply.Tempfail("aliases lead round"),
                                Duration.ZERO);
                case AnswerReader.Reading.Complete(DnsReply.Tempfail(String reason), _) ->
                        failed(name, attempt, hops, reason);
                case AnswerReader.Reading.Complete(DnsReply reply, Duration ttl) ->
                        settle(key, promise, reply, ttl);
            }
        }

        private void failed(Name name, int attempt, int hops, String reason) {
            if (attempt + 1 < rounds * servers.size()) {
                send(name, attempt + 1, hops);
                return;
            }
            complain(reason + " for " + key.name() + " " + key.type());
            settle(key, promise, new DnsReply.Tempfail(reason), Duration.ZERO);
        }

        private static String reason(SimpleResolver server, Throwable failure) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure;
            if (cause instanceof Error error) {
                throw error;
            }
            return server.getAddress() + ": " + cause.getClass().getSimpleName();
        }
    }
}
