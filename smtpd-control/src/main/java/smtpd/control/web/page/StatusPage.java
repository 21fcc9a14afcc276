package smtpd.control.web.page;

import smtpd.control.web.HttpAnswer;
import smtpd.control.web.HttpDoor;
import smtpd.control.web.HttpRequest;
import smtpd.core.mail.Delay;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/// The status page. Whole, it brings its style sheet and its script along, which its policy lets
/// run by their digests and nothing else; the script then asks for the sections alone
/// (`part=sections`) every few seconds. Without scripts the browser loads the page anew.
public final class StatusPage implements HttpDoor.Page {
    private static final List<Section> SECTIONS =
            List.of(
                    new NowSection(),
                    new TrafficSection(),
                    new QueueSection(),
                    new RoutesSection(),
                    new ProcessesSection());

    private static final Html.Asset STYLE = Assets.read("page.css");
    private static final Html.Asset SCRIPT = Assets.read("page.js");

    private static final DateTimeFormatter STARTED =
            DateTimeFormatter.ofPattern("d MMM yyyy HH:mm", Locale.ROOT);

    private final Glance.Source source;
    private final ZoneId zone;
    private final boolean operable;
    private final String policy;

    /// @param source what is shown
    /// @param zone the zone of times
    /// @param operable whether there is a token, and so buttons
    public StatusPage(Glance.Source source, ZoneId zone, boolean operable) {
        this.source = source;
        this.zone = zone;
        this.operable = operable;
        policy =
                String.join(
                        "; ",
                        "default-src 'none'",
                        "style-src " + Assets.digest(STYLE),
                        "script-src " + Assets.digest(SCRIPT),
                        "connect-src 'self'",
                        "img-src 'self'",
                        "base-uri 'none'",
                        "form-action " + (operable ? "'self'" : "'none'"),
                        "frame-ancestors 'none'");
    }

    @Override
    public HttpAnswer answer(HttpRequest request) {
        Span span = Span.of(request.parameter("span")).orElse(Span.HOUR);
        Sheet sheet = new Sheet(new Html(), source.read(span), zone, operable);
        if (request.parameter("part").equals("sections")) {
            sections(sheet);
        } else {
            document(sheet, span);
        }
        return HttpAnswer.html(sheet.html().toString(), policy);
    }

    private void document(Sheet sheet, Span span) {
        Html html = sheet.html();
        String host = sheet.glance().daemon().host();
        html.doctype().open("html", "lang", "en").open("head");
        html.empty("meta", "charset", "utf-8");
        html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.empty("meta", "name", "color-scheme", "content", "light dark");
        html.element("title", "smtpd on " + host);
        html.empty("link", "rel", "icon", "href", "/icon.svg", "type", "image/svg+xml");
        html.open("noscript").empty("meta", "http-equiv", "refresh", "content", "5").close();
        html.asset("style", STYLE).close();
        html.open("body");
        html.element("a", "Skip to the figures", "href", "#sections", "class", "skip");
        header(html, host);
        html.open("div", "id", "alarm", "role", "alert", "hidden", "").closeLine();
        html.open("main", "id", "sections", "data-span", span.word());
        sections(sheet);
        html.closeLine();
        if (operable) {
            orders(html);
        }
        html.asset("script", SCRIPT).close().closeLine();
    }

    private static void header(Html html, String host) {
        html.open("header").open("h1").text("smtpd ").open("span", "class", "host");
        html.name(host).close().close();
        html.open("p", "id", "live", "role", "status").text("loaded once").close().closeLine();
    }

    private void sections(Sheet sheet) {
        Html html = sheet.html();
        Instant now = sheet.glance().now();
        html.open("div", "id", "content", "data-now", Long.toString(now.toEpochMilli()));
        for (Section section : SECTIONS) {
            List<Section.Source> sources = section.sources(sheet.glance());
            boolean stale = sources.stream().anyMatch(it -> Stamp.isStale(it.heard(), now));
            String heading = section.id() + "-heading";
            html.open(
                    "section",
                    "id",
                    section.id(),
                    "class",
                    stale ? "stale" : "fresh",
                    "aria-labelledby",
                    heading);
            html.open("div", "class", "head");
            html.element("h2", section.title(), "id", heading);
            html.open("div", "class", "stamps");
            sources.forEach(it -> Stamp.write(sheet, it));
            html.close().closeLine();
            html.open("div", "class", "body");
            section.draw(sheet);
            html.close().closeLine();
        }
        footer(html, sheet.glance().daemon(), now);
        html.closeLine();
    }

    private void footer(Html html, Glance.Daemon daemon, Instant now) {
        Duration up = Duration.between(daemon.started(), now).truncatedTo(ChronoUnit.SECONDS);
        html.open("footer").open("p");
        html.text(daemon.version() + ", up ")
                .text(Delay.text(up))
                .text(" since " + STARTED.format(daemon.started().atZone(zone)))
                .text(". All times are " + zone.getId() + ". ");
        html.element("a", "Metrics for Prometheus", "href", "/metrics");
        html.close().close();
    }

    private static void orders(Html html) {
        html.open("form", "id", "orders", "method", "post", "action", "/order");
        html.open("label").text("Token ");
        html.empty(
                "input",
                "type",
                "password",
                "name",
                "token",
                "autocomplete",
                "off",
                "required",
                "");
        html.close().text(" allows the buttons of this page.");
        html.element("output", "", "id", "ordered", "aria-live", "polite").closeLine();
    }
}
