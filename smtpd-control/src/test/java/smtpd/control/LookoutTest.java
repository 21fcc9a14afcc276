package smtpd.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.control.stat.Metric;
import smtpd.control.stat.Reading;
import smtpd.control.web.page.Glance;
import smtpd.control.web.page.Heard;
import smtpd.control.web.page.Order;
import smtpd.control.web.page.ProcessLine;
import smtpd.control.web.page.Span;
import smtpd.control.web.page.Traffic;
import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.ManagedService;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.QueueSummary;
import smtpd.core.imsg.RouteSummary;
import smtpd.core.imsg.Stats;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Envelope;
import smtpd.core.proc.Role;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What is gathered for the status page, over real links.
class LookoutTest {
    @TempDir private Path dir;
    private World world;
    private Lookout lookout;

    @BeforeEach
    void open() throws IOException {
        world = World.at(dir.resolve("control.sock"));
        lookout = new Lookout(world.desk(), "smtpd 1.0", "mx.example.org");
        world.inAgent(agent -> {
            for (Role role : Role.values()) {
                agent.onStats(role, new Stats(List.of()), World.NOW);
            }
        });
    }

    @AfterEach
    void close() {
        world.close();
    }

    private static <T> Heard.Said<T> said(Heard<T> heard) {
        return switch (heard) {
            case Heard.Said<T> it -> it;
            case Heard.Nothing<T>(String trouble) -> throw new AssertionError(trouble);
        };
    }

    @Test
    void eachProcessIsAskedForItsPart() {
        Envelope envelope = Mails.remote("0000000100000001");
        world.envelopes.put(envelope.id().value(), envelope);
        QueueSummary.To to =
                new QueueSummary.To(DeliveryType.MTA, "a.example", 1, 0, envelope.id().value());
        world.summary = new QueueSummary(List.of(to), 1, false, List.of());
        Glance glance = lookout.read(Span.HOUR);
        assertEquals(world.summary, said(glance.queue().summary()).value());
        assertEquals(
                Map.of("mta a.example", envelope.state().errorLine()),
                said(glance.queue().reasons()).value());
        assertEquals(new RouteSummary(List.of(), 4), said(glance.routes()).value());
        assertEquals("", glance.routes().trouble());
    }

    @Test
    void whoIsGoneIsNamedAndTheOthersAnswer() {
        world.loseScheduler();
        Glance glance = lookout.read(Span.HOUR);
        assertEquals("scheduler is not running", glance.queue().summary().trouble());
        assertEquals("", glance.queue().reasons().trouble());
        assertEquals("", glance.routes().trouble());
    }

    @Test
    void countsAreAsOldAsWhoIsSilent() {
        world.latest.take(new Reading(World.NOW, new TreeMap<>()));
        assertEquals("", lookout.read(Span.HOUR).mail().reading().trouble());
        world.inAgent(agent ->
                agent.onStats(Role.QUEUE, new Stats(List.of()), World.NOW.minusSeconds(20)));
        world.inAgent(
                agent -> agent.onProcess(new ParentToChild.ProcessStatus(Role.QUEUE, 7, 1, "")));
        Heard<Reading> reading = lookout.read(Span.HOUR).mail().reading();
        assertEquals("queue does not answer", reading.trouble());
        assertTrue(said(reading).at().isBefore(World.NOW.plusSeconds(1)));
    }

    @Test
    void theFlowsAreSumsOfTheirKeys() {
        Map<String, Metric> metrics = new TreeMap<>();
        metrics.put("scheduler.delivery.permfail", new Metric.Counter(3));
        metrics.put("scheduler.envelope.expired", new Metric.Counter(4));
        metrics.put("queue.envelope.accepted", new Metric.Counter(9));
        world.recording.take(new Reading(World.NOW, new TreeMap<>(metrics)));
        Traffic traffic = said(lookout.read(Span.DAY).mail().traffic()).value();
        assertEquals(7, traffic.flow(Traffic.Flow.FAILED).sum());
        assertEquals(9, traffic.flow(Traffic.Flow.IN).sum());
        assertEquals(0, traffic.flow(Traffic.Flow.OUT).sum());
        assertEquals(Span.DAY.columns(), traffic.flow(Traffic.Flow.OUT).values().size());
    }

    @Test
    void processesAreThoseOfTheParentsLook() {
        assertInstanceOf(Heard.Nothing.class, lookout.read(Span.HOUR).processes());
        world.inAgent(agent -> agent.onSeen(new ParentToChild.Seen(List.of()), World.NOW));
        List<ProcessLine> lines = said(lookout.read(Span.HOUR).processes()).value();
        assertEquals(List.of(Role.values()), lines.stream().map(ProcessLine::role).toList());
    }

    @Test
    void ordersReachWhoCarriesThemOut() throws IOException {
        OrderDesk desk = new OrderDesk(new Operations(world.desk()));
        assertEquals("mda is paused", desk.carryOut(new Order.Pause(ManagedService.MDA, true)));
        assertEquals("2 recipients are tried now", desk.carryOut(new Order.Schedule("a.example")));
        assertEquals("the route is used again", desk.carryOut(new Order.Forgive(1)));
        assertEquals(
                List.of(
                        new ControlToScheduler.Pause(DeliveryType.MDA, true),
                        new ControlToScheduler.ScheduleDomain("a.example")),
                world.commands);
        assertTrue(lookout.read(Span.HOUR).daemon().paused().contains(ManagedService.MDA));
    }
}
