package smtpd.control;

import smtpd.control.stat.Metric;
import smtpd.control.stat.Reading;
import smtpd.control.stat.Series;
import smtpd.control.web.page.Glance;
import smtpd.control.web.page.Heard;
import smtpd.control.web.page.ProcessLine;
import smtpd.control.web.page.Span;
import smtpd.control.web.page.Traffic;
import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.ControlToQueue;
import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.QueueSummary;
import smtpd.core.imsg.QueueToControl;
import smtpd.core.imsg.RouteSummary;
import smtpd.core.mail.Envelope;
import smtpd.core.proc.Fatal;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/// Reads what the status page shows from all processes, in parallel.
final class Lookout implements Glance.Source {
    /// How long a process may take: whoever looks at the page waits so long at most.
    static final Duration PATIENCE = Duration.ofSeconds(2);

    /// Older than this, what a process said is stale.
    static final Duration STALE = Duration.ofSeconds(8);

    /// Whoever comes sooner after the last question gets its answer.
    private static final Sounding.Terms PROCESS = new Sounding.Terms(Duration.ofMillis(900), STALE);

    /// The parent looks every five seconds.
    private static final Duration PARENT_STALE = Duration.ofSeconds(12);

    /// Destinations and routes listed.
    static final int LISTED = 20;

    private static final Executor THREADS =
            task -> Thread.ofPlatform().name("lookout").daemon(true).start(Fatal.guarded(task));

    private final Desk desk;
    private final Glance.Daemon daemon;
    private final Sounding<QueueSummary> queue;
    private final Sounding<Map<String, String>> reasons;
    private final Sounding<RouteSummary> routes;
    private final Map<Span, Sounding<Traffic>> traffic = new EnumMap<>(Span.class);
    private volatile List<QueueSummary.To> deferred = List.of();

    /// @param desk who is asked
    /// @param version of the program
    /// @param host its name
    Lookout(Desk desk, String version, String host) {
        this.desk = desk;
        daemon = new Glance.Daemon(version, host, Instant.EPOCH, Set.of());
        queue = new Sounding<>(desk::now, PROCESS, this::askScheduler);
        reasons = new Sounding<>(desk::now, PROCESS, this::askQueue);
        routes = new Sounding<>(desk::now, PROCESS, this::askMta);
        for (Span span : Span.values()) {
            Sounding.Terms terms = new Sounding.Terms(span.patience(), STALE.plus(span.patience()));
            traffic.put(span, new Sounding<>(desk::now, terms, () -> history(span)));
        }
    }

    @Override
    public Glance read(Span span) {
        CompletableFuture<Heard<QueueSummary>> summary =
                CompletableFuture.supplyAsync(queue::read, THREADS);
        CompletableFuture<Heard<Map<String, String>>> errors =
                summary.thenApply(_ -> reasons.read());
        CompletableFuture<Heard<RouteSummary>> ways =
                CompletableFuture.supplyAsync(routes::read, THREADS);
        Heard<Traffic> flows = Objects.requireNonNull(traffic.get(span)).read();
        Glance.Queue waits = new Glance.Queue(summary.join(), errors.join());
        Instant now = desk.now();
        Reading reading = desk.latest().get();
        Watch watch = desk.ask(ControlAgent::watch);
        Heard<Reading> levels =
                reading.at().equals(Instant.EPOCH)
                        ? new Heard.Nothing<>("control has just been started")
                        : Heard.now(reading, reading.at(), STALE);
        return new Glance(
                now,
                new Glance.Daemon(daemon.version(), daemon.host(), watch.started(), watch.paused()),
                new Glance.Mail(watch.judge(flows, now), watch.judge(levels, now)),
                waits,
                ways.join(),
                processes(watch, reading));
    }

    private static Heard<List<ProcessLine>> processes(Watch watch, Reading reading) {
        List<ProcessLine> lines = new ArrayList<>();
        for (Role role : Role.values()) {
            lines.add(watch.line(role, heap(role, reading)));
        }
        return watch.seen().equals(Instant.EPOCH)
                ? new Heard.Nothing<>("parent has said nothing yet")
                : Heard.now(lines, watch.seen(), PARENT_STALE);
    }

    private static ProcessLine.Heap heap(Role role, Reading reading) {
        return new ProcessLine.Heap(
                level(reading, "process.heap." + role.word()),
                level(reading, "process.heap-limit." + role.word()));
    }

    private static long level(Reading reading, String key) {
        return reading.metrics().get(key) instanceof Metric.Level level ? level.shown() : 0;
    }

    private Traffic history(Span span) throws IOException {
        List<String> keys = new ArrayList<>();
        for (Traffic.Flow flow : Traffic.Flow.values()) {
            keys.addAll(flow.keys());
        }
        List<Series> found =
                desk.history().series(keys, span.end(desk.now()), span.length(), span.columns());
        Map<Traffic.Flow, Series> flows = new EnumMap<>(Traffic.Flow.class);
        int next = 0;
        for (Traffic.Flow flow : Traffic.Flow.values()) {
            List<Series> parts = found.subList(next, next + flow.keys().size());
            flows.put(flow, parts.stream().reduce(Series::plus).orElseThrow());
            next += flow.keys().size();
        }
        return new Traffic(span, flows);
    }

    private QueueSummary askScheduler() throws IOException {
        QueueSummary summary =
                ask(desk.peers().scheduler(), new ControlToScheduler.Summarize(LISTED))
                                instanceof QueueSummary it
                        ? it
                        : null;
        if (summary == null) {
            throw new IOException("scheduler says something else");
        }
        deferred = summary.largest().stream().filter(it -> it.lastDeferred() != 0).toList();
        return summary;
    }

    /// Why the last envelope of each destination was put off. The queue is asked for pages of one
    /// envelope; one that is gone by now is another. Those that take too long are left out.
    private Map<String, String> askQueue() throws IOException {
        Map<String, String> errors = new HashMap<>();
        Instant end = desk.now().plus(PATIENCE);
        if (deferred.isEmpty()) {
            // asked nevertheless, so that a queue that does not answer is known
            ask(desk.peers().queue(), new ControlToQueue.ListEnvelopes(Long.MAX_VALUE, 1));
        }
        for (QueueSummary.To to : deferred) {
            if (desk.now().isAfter(end)) {
                return errors;
            }
            long id = to.lastDeferred();
            QueueToControl answer =
                    ask(desk.peers().queue(), new ControlToQueue.ListEnvelopes(id - 1, 1));
            if (answer instanceof QueueToControl.EnvelopePage(List<Envelope> page)
                    && !page.isEmpty()
                    && page.getFirst().id().value() == id) {
                errors.put(Glance.Queue.key(to), page.getFirst().state().errorLine());
            }
        }
        return errors;
    }

    private RouteSummary askMta() throws IOException {
        if (ask(desk.peers().mta(), new ControlToMta.Summarize(LISTED))
                instanceof RouteSummary summary) {
            return summary;
        }
        throw new IOException("mta says something else");
    }

    private static <O, I> I ask(LinkPeer<O, I> peer, O question) throws IOException {
        try {
            return peer.call(question, PATIENCE);
        } catch (PeerLost e) {
            String who = peer.role().word();
            throw new IOException(
                    who + (peer.isAttached() ? " does not answer" : " is not running"), e);
        }
    }
}
