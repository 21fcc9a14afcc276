package smtpd.control.web.page;

import smtpd.core.imsg.QueueSummary;
import smtpd.core.mail.Delay;
import smtpd.core.mail.DeliveryType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What waits, by age and by destination.
final class QueueSection implements Section {
    private static final int BAR = 200;
    private static final int BAR_HEIGHT = 10;

    @Override
    public String id() {
        return "queue";
    }

    @Override
    public String title() {
        return "Queue";
    }

    @Override
    public List<Source> sources(Glance glance) {
        return List.of(
                new Source("scheduler", glance.queue().summary()),
                new Source("queue", glance.queue().reasons()));
    }

    @Override
    public void draw(Sheet sheet) {
        if (!(sheet.glance().queue().summary()
                instanceof Heard.Said<QueueSummary>(QueueSummary summary, _, _, _))) {
            return;
        }
        sheet.html().open("div", "class", "columns");
        ages(sheet.html(), summary);
        destinations(sheet, summary);
        sheet.html().closeLine();
    }

    private static void ages(Html html, QueueSummary summary) {
        List<QueueSummary.Age> ages = summary.ages();
        long total = ages.stream().mapToLong(QueueSummary.Age::envelopes).sum();
        long most = ages.stream().mapToLong(QueueSummary.Age::envelopes).max().orElse(0);
        Table table = new Table(html, "By age", "ages", List.of("Age", "#Recipients", "Share"));
        Duration from = Duration.ZERO;
        for (int i = 0; i < ages.size(); i++) {
            QueueSummary.Age age = ages.get(i);
            boolean last = i == ages.size() - 1;
            String name =
                    last
                            ? "older than " + Delay.text(from)
                            : from.isZero()
                                    ? "up to " + Delay.text(age.below())
                                    : Delay.text(from) + " to " + Delay.text(age.below());
            table.row(name, "").number(Numbers.count(age.envelopes()));
            table.begin("share");
            bar(html, age.envelopes(), most);
            table.end().endRow();
            from = age.below();
        }
        table.row("altogether", "total").number(Numbers.count(total)).text("").endRow();
        table.close();
    }

    /// Said already in the number beside it.
    private static void bar(Html html, long value, long most) {
        long width = most == 0 ? 0 : Math.ceilDiv(value * BAR, most);
        html.open(
                "svg",
                "class",
                "share",
                "aria-hidden",
                "true",
                "preserveAspectRatio",
                "none",
                "viewBox",
                "0 0 " + BAR + " " + BAR_HEIGHT);
        html.empty("rect", "width", Long.toString(width), "height", Integer.toString(BAR_HEIGHT));
        html.close();
    }

    private static void destinations(Sheet sheet, QueueSummary summary) {
        Html html = sheet.html();
        Map<String, String> reasons =
                sheet.glance().queue().reasons()
                                instanceof Heard.Said<Map<String, String>>(var said, _, _, _)
                        ? said
                        : Map.of();
        List<String> headers =
                new ArrayList<>(
                        List.of("Destination", "By", "#Recipients", "#Under way", "Last put off"));
        if (sheet.operable()) {
            headers.add("");
        }
        Table table = new Table(html, "By destination", "destinations", headers);
        if (summary.largest().isEmpty()) {
            table.row("nothing waits", "total").text("").number("").number("").text("");
            if (sheet.operable()) {
                table.text("");
            }
            table.endRow();
        }
        long shown = 0;
        for (QueueSummary.To to : summary.largest()) {
            shown += to.envelopes();
            table.row(to.name().isEmpty() ? "(reports)" : to.name(), "")
                    .text(to.type().word())
                    .number(Numbers.count(to.envelopes()))
                    .number(Numbers.count(to.inflight()))
                    .name(reasons.getOrDefault(Glance.Queue.key(to), ""));
            if (sheet.operable()) {
                table.begin("act");
                if (to.type() == DeliveryType.MTA) {
                    sheet.button("schedule " + to.name(), "try now", to.name());
                }
                table.end();
            }
            table.endRow();
        }
        others(table, summary, shown, sheet.operable());
        table.close();
    }

    private static void others(Table table, QueueSummary summary, long shown, boolean operable) {
        int more = summary.destinations() - summary.largest().size();
        if (more <= 0) {
            return;
        }
        long total = summary.ages().stream().mapToLong(QueueSummary.Age::envelopes).sum();
        String name = Numbers.count(more) + " others" + (summary.partial() ? ", not all seen" : "");
        table.row(name, "total")
                .text("")
                .number(Numbers.count(Math.max(0, total - shown)))
                .text("")
                .text("");
        if (operable) {
            table.text("");
        }
        table.endRow();
    }
}
