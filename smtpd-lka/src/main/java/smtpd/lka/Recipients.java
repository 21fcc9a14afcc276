package smtpd.lka;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.RcptQuery;
import smtpd.core.log.Traces;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.proc.PeerLost;
import smtpd.lka.expand.Expander;
import smtpd.lka.expand.Expansion;
import smtpd.lka.expand.Printable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// Decides about a recipient and, when it is accepted, hands its envelopes to the queue.
final class Recipients {
    private static final Logger LOG = LoggerFactory.getLogger(Recipients.class);

    /// Envelopes in one frame: a few kilobytes each at worst, far below the frame's limit.
    static final int CHUNK = 100;

    private final Expander expander;
    private final EnvelopeSink queue;
    private final Duration ttl;
    private final InstantSource clock;
    private final Complaints complaints;

    /// @param expander turns a recipient into deliveries
    /// @param queue takes the envelopes
    /// @param ttl how long an envelope is tried, unless its action says otherwise
    /// @param clock the time
    Recipients(Expander expander, EnvelopeSink queue, Duration ttl, InstantSource clock) {
        this.expander = expander;
        this.queue = queue;
        this.ttl = ttl;
        this.clock = clock;
        complaints = new Complaints(clock);
    }

    /// What a recipient came to.
    sealed interface Result {
        /// Its envelopes wait for the message's commit.
        record Accepted(List<EvpId> envelopes) implements Result {}

        /// Refused, for now (4xx) or for good (5xx).
        record Refused(int code, String status, String text) implements Result {}
    }

    /// A lookup could not answer, or the queue cannot take the envelopes.
    static final Result.Refused NOT_NOW = new Result.Refused(451, "", "Temporary failure");

    /// Some envelopes may be with the queue and some not: the transaction must not be committed, so
    /// the session ends (RFC 5321 §4.2.3: 421 closes the channel).
    static final Result.Refused GIVE_UP = new Result.Refused(421, "4.3.0", "Temporary failure");

    /// Decides about one recipient. One that makes the expansion throw is refused for now, with the
    /// error in the log; the other recipients of its message are not.
    Result decide(RcptQuery query) {
        Expansion expansion;
        try {
            expansion = expander.expand(query.origin(), query.sender(), query.rcpt());
        } catch (RuntimeException | StackOverflowError e) {
            complaints.about(
                    "lka: <" + Printable.of(query.rcpt().toString()) + "> cannot be expanded", e);
            return NOT_NOW;
        }
        expansion.warnings().forEach(complaints::about);
        return switch (expansion.result()) {
            case Expansion.Result.Refused refused -> {
                report(query, refused);
                yield new Result.Refused(refused.code(), refused.status(), refused.text());
            }
            case Expansion.Result.Accepted(List<Expansion.Delivery> deliveries) ->
                    submit(query, envelopes(query, deliveries));
        };
    }

    private void report(RcptQuery query, Expansion.Result.Refused refused) {
        if (refused.code() == NOT_NOW.code()) {
            complaints.about("lka: " + refused.reason());
        }
        if (Traces.on("expand")) {
            LOG.info("expand: <{}> refused: {}", query.rcpt(), refused.reason());
        }
    }

    private List<Envelope> envelopes(RcptQuery query, List<Expansion.Delivery> deliveries) {
        Instant now = clock.instant();
        List<Envelope> envelopes = new ArrayList<>();
        for (Expansion.Delivery delivery : deliveries) {
            envelopes.add(
                    new Envelope(
                            query.msgid().envelope(envelopes.size() + 1),
                            origin(query.origin(), delivery.internal()),
                            query.sender(),
                            query.rcpt(),
                            delivery.dest(),
                            delivery.target(),
                            query.dsn(),
                            now,
                            delivery.ttl().isZero() ? ttl : delivery.ttl(),
                            Envelope.State.NEW));
        }
        return envelopes;
    }

    private static Envelope.Origin origin(Envelope.Origin origin, boolean internal) {
        Envelope.OriginFlags flags = origin.flags();
        if (!internal || flags.internal()) {
            return origin;
        }
        return new Envelope.Origin(
                origin.tag(),
                origin.smtpName(),
                origin.helo(),
                origin.hostName(),
                origin.address(),
                origin.userName(),
                new Envelope.OriginFlags(flags.authenticated(), true, flags.tls(), flags.utf8()));
    }

    private Result submit(RcptQuery query, List<Envelope> envelopes) {
        List<EvpId> ids = new ArrayList<>();
        for (int from = 0; from < envelopes.size(); from += CHUNK) {
            List<Envelope> chunk =
                    envelopes.subList(from, Math.min(from + CHUNK, envelopes.size()));
            try {
                QueueToLka answer = queue.add(new LkaToQueue.AddEnvelopes(query.msgid(), chunk));
                if (!(answer instanceof QueueToLka.EnvelopesAdded(List<EvpId> added))) {
                    return refusedByQueue(answer, from == 0);
                }
                ids.addAll(added);
            } catch (PeerLost e) {
                complaints.about("lka: envelopes: " + e.getMessage());
                return GIVE_UP;
            }
        }
        return new Result.Accepted(ids);
    }

    private Result refusedByQueue(QueueToLka answer, boolean nothingAdded) {
        if (answer instanceof QueueToLka.EnvelopesRefused(String reason)) {
            complaints.about("lka: queue: " + reason);
        }
        return nothingAdded ? NOT_NOW : GIVE_UP;
    }
}
