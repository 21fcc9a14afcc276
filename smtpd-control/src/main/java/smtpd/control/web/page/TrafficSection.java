package smtpd.control.web.page;

import smtpd.control.stat.Series;

import java.util.List;
import java.util.Locale;

/// Mail in, out, put off and failed over time.
final class TrafficSection implements Section {
    @Override
    public String id() {
        return "traffic";
    }

    @Override
    public String title() {
        return "Mail over time";
    }

    @Override
    public List<Source> sources(Glance glance) {
        return List.of(new Source("statistics", glance.mail().traffic()));
    }

    @Override
    public void draw(Sheet sheet) {
        if (!(sheet.glance().mail().traffic()
                instanceof Heard.Said<Traffic>(Traffic traffic, _, _, _))) {
            return;
        }
        Html html = sheet.html();
        chooser(html, traffic.span());
        html.open("div", "class", "charts");
        BarChart chart = new BarChart(html, sheet.zone());
        for (Traffic.Flow flow : Traffic.Flow.values()) {
            Series series = traffic.flow(flow);
            String word = flow.name().toLowerCase(Locale.ROOT);
            html.open("figure");
            html.open("figcaption").element("b", flow.title()).text(" ");
            html.element("span", Numbers.count(series.sum()), "class", "sum");
            html.element("small", flow.what() + ", each " + traffic.span().unit());
            html.close();
            chart.draw(new BarChart.Look(word, flow.title(), word), traffic.span(), series);
            html.closeLine();
        }
        html.closeLine();
    }

    private static void chooser(Html html, Span chosen) {
        html.open("nav", "class", "chooser", "aria-label", "How far back");
        for (Span span : Span.values()) {
            String link = "/?span=" + span.word();
            if (span == chosen) {
                html.element("a", span.title(), "href", link, "aria-current", "true");
            } else {
                html.element("a", span.title(), "href", link);
            }
        }
        html.closeLine();
    }
}
