package smtpd.control.web.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.control.stat.Metric;
import smtpd.control.stat.Reading;
import smtpd.control.stat.Series;
import smtpd.control.web.HttpAnswer;
import smtpd.control.web.HttpRequest;
import smtpd.core.imsg.ManagedService;
import smtpd.core.imsg.ProcessView;
import smtpd.core.imsg.QueueSummary;
import smtpd.core.imsg.RouteSummary;
import smtpd.core.mail.DeliveryType;
import smtpd.core.proc.Role;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The page of fixed readings, beside what is kept in a file; `-Dgolden.update=true` writes it
/// anew.
class StatusPageTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/status-page.html");
    private static final Instant NOW = Instant.parse("2027-01-15T08:00:00Z");
    private static final Duration LIMIT = Duration.ofSeconds(8);
    private static final String HOSTILE = "\"><script>alert(1)</script>&\u202e";

    private static <T> Heard<T> fresh(T value) {
        return Heard.now(value, NOW, LIMIT);
    }

    private static Heard<Traffic> traffic(Span span) {
        Series series =
                new Series(
                        false,
                        NOW.minus(span.length()).getEpochSecond(),
                        span.length().toSeconds() / span.columns(),
                        Collections.nCopies(span.columns(), 12L));
        Map<Traffic.Flow, Series> flows = new EnumMap<>(Traffic.Flow.class);
        for (Traffic.Flow flow : Traffic.Flow.values()) {
            flows.put(flow, series);
        }
        return fresh(new Traffic(span, flows));
    }

    private static Reading reading() {
        Map<String, Metric> metrics = new TreeMap<>();
        metrics.put("scheduler.envelope", new Metric.Level(12_345));
        metrics.put("scheduler.envelope.inflight", new Metric.Level(7));
        metrics.put("delivery.first-try", new Metric.Ratio(3, 4));
        metrics.put("delivery.last-ok", new Metric.Stamp(NOW.minusSeconds(90).getEpochSecond()));
        return new Reading(NOW, new TreeMap<>(metrics));
    }

    private static Glance.Queue queue() {
        QueueSummary.To far = new QueueSummary.To(DeliveryType.MTA, HOSTILE, 30, 1, 0x99);
        QueueSummary.To local = new QueueSummary.To(DeliveryType.MDA, "alice", 2, 0, 0);
        List<QueueSummary.Age> ages =
                List.of(
                        new QueueSummary.Age(Duration.ofMinutes(2), 4),
                        new QueueSummary.Age(Duration.ofHours(1), 30),
                        new QueueSummary.Age(Duration.ofDays(100_000), 2));
        return new Glance.Queue(
                fresh(new QueueSummary(List.of(far, local), 5, false, ages)),
                new Heard.Said<>(
                        Map.of(Glance.Queue.key(far), "450 4.2.1 " + HOSTILE),
                        NOW.minusSeconds(14),
                        LIMIT,
                        "queue does not answer"));
    }

    private static RouteSummary routes() {
        return new RouteSummary(
                List.of(
                        new RouteSummary.State(
                                7,
                                new RouteSummary.Ends("-", "192.0.2.1", HOSTILE, false),
                                0,
                                1,
                                5,
                                new RouteSummary.Trouble(
                                        2, 3, Duration.ofSeconds(40), "421 " + HOSTILE)),
                        new RouteSummary.State(
                                8,
                                new RouteSummary.Ends("192.0.2.9", "192.0.2.2", "mx2", true),
                                3,
                                5,
                                5,
                                new RouteSummary.Trouble(0, 0, Duration.ZERO, ""))),
                3);
    }

    private static List<ProcessLine> processes() {
        ProcessView mda =
                new ProcessView(
                        Role.MDA,
                        77,
                        new ProcessView.Identity(104, 105),
                        new ProcessView.Rights(0xc0, 0xc0, true, 2, 2),
                        new ProcessView.Memory(60L << 20, 30L << 20, 20));
        return List.of(
                new ProcessLine(
                        Role.MDA,
                        new ProcessLine.Status(77, 2, "uid=104 landlock=abi7 seccomp=strict"),
                        mda,
                        new ProcessLine.Heap(8L << 20, 64L << 20),
                        NOW),
                new ProcessLine(
                        Role.CA,
                        new ProcessLine.Status(0, 3, ""),
                        null,
                        new ProcessLine.Heap(0, 0),
                        NOW.minusSeconds(60)));
    }

    private static Glance glance(Span span) {
        return new Glance(
                NOW,
                new Glance.Daemon(
                        "smtpd 1.0",
                        HOSTILE,
                        NOW.minus(Duration.ofDays(3)),
                        Set.of(ManagedService.MDA)),
                new Glance.Mail(traffic(span), fresh(reading())),
                queue(),
                fresh(routes()),
                fresh(processes()));
    }

    private static HttpAnswer page(String target, boolean operable) {
        return new StatusPage(StatusPageTest::glance, ZoneOffset.UTC, operable)
                .answer(new HttpRequest("GET", target, Map.of(), ""));
    }

    @Test
    void fixedReadingsMakeAFixedPage() throws IOException {
        String sections = page("/?part=sections", true).body();
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(GOLDEN.resolveSibling("."));
            Files.writeString(GOLDEN, sections);
        }
        assertEquals(Files.readString(GOLDEN), sections, "update with -Dgolden.update=true");
    }

    @Test
    void nothingFromOutsideIsMarkup() {
        String page = page("/", true).body();
        assertFalse(page.contains("<script>alert"), page);
        assertFalse(page.contains("\u202e"));
        assertTrue(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    }

    @Test
    void thePolicyLetsNothingRunButWhatIsOurs() {
        HttpAnswer page = page("/", false);
        assertTrue(page.policy().startsWith("default-src 'none'; style-src 'sha256-"));
        assertTrue(page.policy().contains("form-action 'none'"), page.policy());
        assertFalse(page.policy().contains("unsafe"), page.policy());
        assertFalse(page.body().contains(" style="), "no style that the policy would refuse");
        assertFalse(page.body().contains("http:"), "nothing is loaded from elsewhere");
        assertFalse(page.body().contains("https:"), "nothing is loaded from elsewhere");
    }

    @Test
    void withoutATokenThereIsNothingToPress() {
        assertFalse(page("/", false).body().contains("<button"));
        assertFalse(page("/", false).body().contains("<form"));
        assertTrue(page("/", true).body().contains("<form"));
        assertTrue(page("/", true).policy().contains("form-action 'self'"));
    }

    @Test
    void everySourceSaysItsTimeAndWhoDoesNotAnswer() {
        String page = page("/", false).body();
        assertTrue(
                page.contains(
                        "<span class=\"when\">as of 07:59:46, 14 s old: queue does not"
                                + " answer</span>"),
                page);
        assertTrue(page.contains("<section id=\"queue\" class=\"stale\""), page);
        assertTrue(page.contains("<section id=\"routes\" class=\"fresh\""), page);
    }

    @Test
    void theSpanIsChosenByALink() {
        assertTrue(page("/?span=year", false).body().contains("attempts put off, each 5 days"));
        assertTrue(page("/?span=x", false).body().contains("attempts put off, each minute"));
    }

    @Test
    void whatWasNeverReadIsNotDrawn() {
        Glance nothing =
                new Glance(
                        NOW,
                        new Glance.Daemon("smtpd", "mx", NOW, Set.of()),
                        new Glance.Mail(new Heard.Nothing<>("a"), new Heard.Nothing<>("b")),
                        new Glance.Queue(new Heard.Nothing<>("c"), new Heard.Nothing<>("d")),
                        new Heard.Nothing<>("mta is not running"),
                        new Heard.Nothing<>("e"));
        String page =
                new StatusPage(_ -> nothing, ZoneOffset.UTC, true)
                        .answer(new HttpRequest("GET", "/", Map.of(), ""))
                        .body();
        assertTrue(page.contains("nothing was read yet: mta is not running"), page);
        assertFalse(page.contains("<table"), page);
        assertFalse(page.contains("class=\"fresh\""), page);
    }
}
