package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.Outcome;
import smtpd.core.stat.Statistics;

import java.io.IOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/// A dialogue with one server, on its own thread: greeting, EHLO, one message after the other, QUIT
/// (RFC 5321 §3).
///
/// It never decides where to go; it reports what happened, and that report is all the agent sees.
final class MtaSession implements OpenSession, Runnable {
    /// A connection that waited for so long may have been closed by the server meanwhile.
    private static final long STALE_AFTER_NANOS = 1_000_000_000;

    private final SessionPlan plan;
    private final World world;
    private final Consumer<SessionReport> reports;
    private final BlockingQueue<Order> inbox = new LinkedBlockingQueue<>();
    private final Thread thread;
    private Offers offers = Offers.NONE;
    private Transaction.Residue residue = Transaction.Residue.CLEAN;
    private MailLog.Way way;
    private TlsOutcome.Level level = TlsOutcome.Level.CLEAR;
    private volatile boolean dropped;
    private int messages;
    private int mails;
    private int failures;

    /// What a session needs.
    ///
    /// @param transports opens connections
    /// @param content where messages come from
    /// @param desk what lka and the certificates tell
    /// @param patience how long a server may take
    /// @param clock for the delay in the log
    /// @param statistics where it counts
    record World(
            Transport.Connector transports,
            ContentSource content,
            Desk desk,
            Phase.Patience patience,
            InstantSource clock,
            Statistics statistics) {
        /// With a name of our own, and nobody to log in as.
        World(
                Transport.Connector transports,
                ContentSource content,
                HeloNames heloNames,
                Phase.Patience patience,
                InstantSource clock,
                Statistics statistics) {
            this(
                    transports,
                    content,
                    new Desk(heloNames, Secrets.NONE, Trust.NOBODY),
                    patience,
                    clock,
                    statistics);
        }
    }

    /// Whom a session asks.
    ///
    /// @param heloNames tells names of `helo-src`
    /// @param secrets tells as whom we log in
    /// @param trust tells whom we believe, and has our certificates
    /// @param filters hear of it
    record Desk(HeloNames heloNames, Secrets secrets, Trust trust, Filters filters) {
        /// Without filters.
        Desk(HeloNames heloNames, Secrets secrets, Trust trust) {
            this(heloNames, secrets, trust, Filters.NONE);
        }
    }

    /// What the agent tells it.
    private sealed interface Order {
        /// Send this.
        record Give(Task task) implements Order {}

        /// QUIT.
        record Finish() implements Order {}
    }

    private final MailLog log = new MailLog();

    MtaSession(SessionPlan plan, World world, Consumer<SessionReport> reports) {
        this.plan = plan;
        this.world = world;
        this.reports = reports;
        way = new MailLog.Way(plan.id(), "-", relay());
        thread = Thread.ofVirtual().name("mta " + plan.id()).unstarted(this);
    }

    void start() {
        thread.start();
    }

    @Override
    public void give(Task task) {
        inbox.add(new Order.Give(task));
    }

    @Override
    public void finish() {
        inbox.add(new Order.Finish());
    }

    /// Interrupting a virtual thread closes the socket it waits for.
    @Override
    public void abort() {
        thread.interrupt();
    }

    @Override
    public void drop() {
        dropped = true;
        finish();
    }

    private String relay() {
        return plan.route().address() + " (" + plan.ptr() + ")";
    }

    @Override
    public void run() {
        RouteVerdict verdict;
        log.connecting(plan.id(), plan.route(), plan.ptr());
        try (Transport transport = connect()) {
            Ear ear = Ear.of(plan, transport, world.desk().filters());
            try {
                verdict = talk(transport, ear);
            } finally {
                ear.ended();
            }
        } catch (SessionEnd end) {
            log.error(plan.id(), end.reason());
            verdict = end.verdict();
        } catch (InterruptedException _) {
            log.error(plan.id(), "broken off");
            verdict = new RouteVerdict.Network("broken off");
        }
        reports.accept(new SessionReport.Ended(dropped ? new RouteVerdict.Fine() : verdict));
    }

    private Transport connect() throws SessionEnd {
        try {
            Transport transport =
                    world.transports().connect(plan.route(), world.patience().of(Phase.CONNECT));
            transport.sendPatience(world.patience().of(Phase.SEND));
            log.connected(plan.id());
            way = new MailLog.Way(plan.id(), transport.localAddress(), relay());
            return transport;
        } catch (IOException e) {
            throw Dialogue.network(Phase.CONNECT, "Connection failed: " + e.getMessage());
        }
    }

    private RouteVerdict talk(Transport transport, Ear ear)
            throws SessionEnd, InterruptedException {
        Opening.Opened opened = new Opening(plan, world, log, ear).open(transport);
        offers = opened.offers();
        way = way.with(opened.outcome().toString());
        level = opened.outcome().level();
        try (TlsTransport _ = opened.encrypted()) {
            reports.accept(new SessionReport.Ready());
            return serve(opened.dialogue());
        }
    }

    private RouteVerdict serve(Dialogue dialogue) throws SessionEnd, InterruptedException {
        while (failures < plan.maxFailures()) {
            long asked = System.nanoTime();
            switch (inbox.take()) {
                case Order.Give _ when dropped -> {}
                case Order.Give give -> {
                    boolean waited = System.nanoTime() - asked > STALE_AFTER_NANOS;
                    try {
                        deliver(dialogue, give.task());
                    } catch (SessionEnd end) {
                        if (messages > 0 && waited && isStale(end)) {
                            log.error(plan.id(), end.reason());
                            return new RouteVerdict.Fine();
                        }
                        throw end;
                    }
                    messages++;
                    if (mails >= offers.limits().mails()) {
                        return quit(dialogue);
                    }
                }
                case Order.Finish _ -> {
                    return quit(dialogue);
                }
            }
        }
        log.rejectsAll(plan.id());
        return quit(dialogue);
    }

    /// RFC 5321 §3.8: a server may close a connection that was idle for long; it is found out at
    /// the next command.
    private static boolean isStale(SessionEnd end) {
        boolean first = end.phase() == Phase.MAIL || end.phase() == Phase.RSET;
        return first
                && switch (end.verdict()) {
                    case RouteVerdict.Refused _, RouteVerdict.Network _ -> true;
                    case RouteVerdict.Fine _,
                            RouteVerdict.Broken _,
                            RouteVerdict.Untrusted _,
                            RouteVerdict.NoEncryption _ ->
                            false;
                };
    }

    private boolean isLmtp() {
        return plan.route().scheme() == Scheme.LMTP;
    }

    /// The server's name for reports: RFC 5321 §4.1.3 where it has none.
    private String server() {
        String address = plan.route().address();
        boolean named = plan.ptr().indexOf('<') < 0;
        return named ? plan.ptr() : (address.indexOf(':') < 0 ? "[" : "[IPv6:") + address + "]";
    }

    /// One message; reports it however it ends.
    private void deliver(Dialogue dialogue, Task task) throws SessionEnd {
        boolean pipelining = plan.manner().pipelining() && offers.has(Offers.Extension.PIPELINING);
        // RFC 2033 §4.2 says what follows the final dot, and nothing of chunks.
        boolean chunking = !isLmtp() && offers.has(Offers.Extension.CHUNKING);
        Transaction transaction =
                new Transaction(
                        dialogue,
                        offers,
                        new Transaction.Manner(
                                isLmtp(),
                                pipelining,
                                chunking,
                                offers.limits().mails() - mails,
                                server()),
                        task,
                        residue);
        try {
            transaction.run(msgid -> new WantedContent(world.content().open(msgid)));
        } finally {
            residue = transaction.residue();
            mails += transaction.mails();
            settle(task, transaction);
        }
    }

    /// Content that ends early when the message is not wanted any more.
    private final class WantedContent implements ContentSource.Content {
        private final ContentSource.Content content;

        private WantedContent(ContentSource.Content content) {
            this.content = content;
        }

        @Override
        public @Nullable Bytes next() throws ContentSource.ContentLost {
            Bytes piece = content.next();
            if (dropped) {
                throw new ContentSource.ContentLost("the queue is gone");
            }
            return piece;
        }

        @Override
        public void close() {
            content.close();
        }
    }

    private void settle(Task task, Transaction transaction) {
        List<DeliveryResult> results = transaction.results();
        if (transaction.uncertain()) {
            world.statistics().increment("mta.delivery.uncertain");
        }
        Map<EvpId, Envelope> byId = new HashMap<>();
        task.envelopes().forEach(envelope -> byId.put(envelope.id(), envelope));
        for (DeliveryResult result : results) {
            failures = result.outcome() == Outcome.OK ? 0 : failures + 1;
            Envelope envelope = byId.get(result.id());
            if (envelope != null) {
                world.statistics().increment("mta.delivery.tls." + level.word());
                world.statistics()
                        .increment(
                                result.outcome() == Outcome.OK
                                        ? "mta.delivery.ok.relay"
                                        : "mta.delivery.failed.relay",
                                plan.route().address());
                log.delivery(way, envelope, task.sender(), result, world.clock().instant());
            }
        }
        reports.accept(
                new SessionReport.Finished(results, transaction.untried(), transaction.unfit()));
    }

    /// RFC 5321 §4.1.1.10. The answer is waited for, but nothing depends on it.
    private RouteVerdict quit(Dialogue dialogue) {
        try {
            dialogue.command("QUIT");
            dialogue.flush(Phase.QUIT);
            dialogue.reply(Phase.QUIT);
        } catch (SessionEnd _) {
            // It is gone, which is what we asked for.
        }
        log.disconnected(plan.id(), messages);
        return new RouteVerdict.Fine();
    }
}
