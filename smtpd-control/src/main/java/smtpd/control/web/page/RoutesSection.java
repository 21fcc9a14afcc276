package smtpd.control.web.page;

import smtpd.core.imsg.RouteSummary;
import smtpd.core.mail.Delay;

import java.util.ArrayList;
import java.util.List;

/// The ways to other servers: sessions, what limits them, and what is held against them.
final class RoutesSection implements Section {
    @Override
    public String id() {
        return "routes";
    }

    @Override
    public String title() {
        return "Routes";
    }

    @Override
    public List<Source> sources(Glance glance) {
        return List.of(new Source("mta", glance.routes()));
    }

    @Override
    public void draw(Sheet sheet) {
        if (!(sheet.glance().routes()
                instanceof Heard.Said<RouteSummary>(RouteSummary summary, _, _, _))) {
            return;
        }
        Html html = sheet.html();
        if (summary.worst().isEmpty()) {
            html.element("p", "No server has been connected to lately.", "class", "none");
            return;
        }
        List<String> headers =
                new ArrayList<>(
                        List.of("To", "Name", "From", "#Sessions", "#Errors", "#Penalty", "State"));
        if (sheet.operable()) {
            headers.add("");
        }
        Table table = new Table(html, "In trouble first, then the busiest", "routes", headers);
        summary.worst().forEach(it -> route(sheet, table, it));
        table.close();
        int more = summary.routes() - summary.worst().size();
        if (more > 0) {
            html.element("p", "and " + Numbers.count(more) + " more", "class", "none");
        }
    }

    private static void route(Sheet sheet, Table table, RouteSummary.State it) {
        RouteSummary.Trouble trouble = it.trouble();
        boolean disabled = !trouble.disabled().isZero();
        String sessions =
                it.sessions()
                        + " of "
                        + Math.min(it.window(), it.limit())
                        + (it.window() < it.limit() ? ", at most " + it.limit() : "");
        table.row(it.ends().address(), disabled ? "bad" : "")
                .name(it.ends().name())
                .name(it.ends().source())
                .number(sessions)
                .number(Numbers.count(trouble.errors()))
                .number(Numbers.count(trouble.penalty()))
                .name(
                        disabled
                                ? "left alone for "
                                        + Delay.text(trouble.disabled())
                                        + ": "
                                        + trouble.why()
                                : it.ends().proven() ? "in use" : "not proven yet");
        if (sheet.operable()) {
            table.begin("act");
            if (disabled || trouble.penalty() > 0) {
                sheet.button("route " + it.id(), "use again", it.ends().address());
            }
            table.end();
        }
        table.endRow();
    }
}
