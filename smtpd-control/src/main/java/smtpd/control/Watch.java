package smtpd.control;

import smtpd.control.web.page.Heard;
import smtpd.control.web.page.ProcessLine;
import smtpd.core.imsg.ManagedService;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.ProcessView;
import smtpd.core.proc.Role;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the agent knows of the processes at one moment.
///
/// @param started when the daemon was
/// @param paused services that are
/// @param statuses what the parent said of each
/// @param views how the kernel showed those that run
/// @param seen when that was
/// @param heard when each was heard of last
record Watch(
        Instant started,
        Set<ManagedService> paused,
        Map<Role, ParentToChild.ProcessStatus> statuses,
        Map<Role, ProcessView> views,
        Instant seen,
        Map<Role, Instant> heard) {
    /// Those whose counts the graphs are made of.
    private static final List<Role> COUNTING =
            List.of(Role.SMTP, Role.QUEUE, Role.SCHEDULER, Role.MTA);

    /// A process with the heap it tells.
    ProcessLine line(Role role, ProcessLine.Heap heap) {
        ParentToChild.ProcessStatus status = statuses.get(role);
        ProcessView view = views.get(role);
        ProcessLine.Status known =
                status != null
                        ? new ProcessLine.Status(status.pid(), status.starts(), status.sandbox())
                        : new ProcessLine.Status(view == null ? 0 : view.pid(), 1, "");
        return new ProcessLine(role, known, view, heap, heard.getOrDefault(role, Instant.EPOCH));
    }

    /// Says of something made of all their counts who of them should have been heard of by now.
    <T> Heard<T> judge(Heard<T> counts, Instant now) {
        List<ProcessLine> silent =
                COUNTING.stream()
                        .map(role -> line(role, new ProcessLine.Heap(0, 0)))
                        .filter(it -> it.isSilent(now))
                        .toList();
        if (silent.isEmpty()) {
            return counts;
        }
        String who = String.join(", ", silent.stream().map(it -> it.role().word()).toList());
        // what was never heard of is as old as this process
        Instant since =
                silent.stream()
                        .map(ProcessLine::heard)
                        .map(it -> it.isBefore(started) ? started : it)
                        .min(Instant::compareTo)
                        .orElse(now);
        return counts.stuck(
                since, who + (silent.size() == 1 ? " does not answer" : " do not answer"));
    }
}
