package smtpd.control.web.page;

import smtpd.core.imsg.ProcessView;
import smtpd.core.proc.Role;
import smtpd.core.sys.Capability;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The processes: memory and walls, as the kernel shows them.
final class ProcessesSection implements Section {
    private static final Pattern LANDLOCK = Pattern.compile("landlock=(\\S+)");
    private static final int FILTERS = 2;

    @Override
    public String id() {
        return "processes";
    }

    @Override
    public String title() {
        return "Processes";
    }

    @Override
    public List<Source> sources(Glance glance) {
        return List.of(new Source("parent", glance.processes()));
    }

    @Override
    public void draw(Sheet sheet) {
        if (!(sheet.glance().processes()
                instanceof Heard.Said<List<ProcessLine>>(List<ProcessLine> lines, _, _, _))) {
            return;
        }
        Table table =
                new Table(
                        sheet.html(),
                        "Memory in MB",
                        "processes",
                        List.of(
                                "Process",
                                "#PID",
                                "#Starts",
                                "#RSS",
                                "#PSS",
                                "#Heap",
                                "User",
                                "System calls",
                                "Landlock",
                                "Capabilities",
                                "Heard"));
        lines.forEach(it -> line(sheet, table, it));
        table.close();
    }

    private static void line(Sheet sheet, Table table, ProcessLine it) {
        boolean down = it.status().pid() == 0;
        boolean silent = it.isSilent(sheet.glance().now());
        table.row(it.role().word(), down || silent ? "bad" : "")
                .number(down ? "down" : Long.toString(it.status().pid()))
                .number(Numbers.count(it.status().starts()));
        ProcessView view = it.view();
        if (view == null || view.pid() != it.status().pid()) {
            table.number("–").number("–").number(heap(it)).text("–").text("–");
        } else {
            table.number(Numbers.megabytes(view.memory().resident()))
                    .number(
                            view.memory().share() < 0
                                    ? "–"
                                    : Numbers.megabytes(view.memory().share()))
                    .number(heap(it))
                    .text(view.identity().uid() + ":" + view.identity().gid())
                    .text(seccomp(view.rights()));
        }
        table.text(landlock(it)).text(view == null ? "–" : capabilities(view.rights()));
        table.text(heard(it, sheet.glance())).endRow();
    }

    private static String heap(ProcessLine it) {
        ProcessLine.Heap heap = it.heap();
        return heap.limit() == 0
                ? "–"
                : Numbers.megabytes(heap.used())
                        + " of "
                        + Math.round(heap.limit() / (1024.0 * 1024));
    }

    private static String seccomp(ProcessView.Rights rights) {
        if (rights.seccomp() != FILTERS) {
            return "unfiltered";
        }
        String filters = rights.filters() == 1 ? "1 filter" : rights.filters() + " filters";
        return rights.noNewPrivs() ? filters + ", no new privileges" : filters;
    }

    private static String landlock(ProcessLine it) {
        if (it.role() == Role.PARENT) {
            return "none";
        }
        Matcher found = LANDLOCK.matcher(it.status().sandbox());
        if (!found.find()) {
            return "–";
        }
        return switch (found.group(1)) {
            case "no", "off" -> "none";
            default -> "enforced, " + found.group(1);
        };
    }

    private static String capabilities(ProcessView.Rights rights) {
        if (rights.capabilities() == 0) {
            return rights.bounding() == 0 ? "none, for good" : "none";
        }
        if (Long.bitCount(rights.capabilities()) > Capability.values().length) {
            return "%d of root's".formatted(Long.bitCount(rights.capabilities()));
        }
        List<String> names = new ArrayList<>();
        for (Capability each : Capability.values()) {
            if ((rights.capabilities() & each.bit()) != 0) {
                names.add(each.name().toLowerCase(Locale.ROOT));
            }
        }
        return names.isEmpty()
                ? "0x" + Long.toHexString(rights.capabilities())
                : String.join(", ", names);
    }

    private static String heard(ProcessLine it, Glance glance) {
        if (it.heard().equals(Instant.EPOCH)) {
            return "not yet";
        }
        long seconds = Math.max(0, Duration.between(it.heard(), glance.now()).toSeconds());
        return it.isSilent(glance.now()) ? "silent for " + seconds + " s" : "now";
    }
}
