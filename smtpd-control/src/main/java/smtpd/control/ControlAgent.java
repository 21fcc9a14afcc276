package smtpd.control;

import smtpd.control.stat.Metric;
import smtpd.control.stat.Reading;
import smtpd.control.stat.StatStore;
import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.ControlToSmtp;
import smtpd.core.imsg.ManagedService;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.ProcessView;
import smtpd.core.imsg.SchedulerToControl;
import smtpd.core.imsg.SmtpToControl;
import smtpd.core.imsg.Stats;
import smtpd.core.imsg.Trace;
import smtpd.core.imsg.Verbose;
import smtpd.core.log.Logging;
import smtpd.core.log.Traces;
import smtpd.core.mail.Delay;
import smtpd.core.mail.DeliveryType;
import smtpd.core.proc.Peer;
import smtpd.core.proc.Role;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// What control remembers: statistics, what is switched, and how each process fares.
final class ControlAgent {
    private final Peer<ControlToSmtp, SmtpToControl> smtp;
    private final Peer<ControlToScheduler, SchedulerToControl> scheduler;
    private final Broadcast broadcast;
    private final Consumer<String> keeper;
    private final Switches switches = new Switches();
    private final StatStore statistics = new StatStore();
    private final Map<Role, ParentToChild.ProcessStatus> processes = new EnumMap<>(Role.class);
    private final Map<Role, ProcessView> views = new EnumMap<>(Role.class);
    private final Map<Role, Instant> heard = new EnumMap<>(Role.class);
    private Instant seen = Instant.EPOCH;
    private Instant started;
    private String kept = "";
    private boolean settled;

    /// @param smtp smtp
    /// @param scheduler the scheduler
    /// @param broadcast every process
    /// @param keeper is given what must outlive this process, whenever that changes
    /// @param now when this process was started
    ControlAgent(
            Peer<ControlToSmtp, SmtpToControl> smtp,
            Peer<ControlToScheduler, SchedulerToControl> scheduler,
            Broadcast broadcast,
            Consumer<String> keeper,
            Instant now) {
        this.smtp = smtp;
        this.scheduler = scheduler;
        this.broadcast = broadcast;
        this.keeper = keeper;
        started = now;
    }

    /// What was kept last, by this process or an earlier one.
    void recall(String text) {
        kept = text;
    }

    /// What was counted before this process began.
    void restore(Map<String, Metric> totals) {
        statistics.restore(totals);
    }

    /// How all statistics stand.
    Reading reading(Instant now) {
        return statistics.reading(now);
    }

    /// A service was started paused.
    void startsPaused(ManagedService service) {
        switches.pause(service, true);
    }

    /// A process tells what it counted.
    void onStats(Role from, Stats stats, Instant now) {
        heard.put(from, now);
        statistics.apply(from, stats);
    }

    /// A process is there, perhaps anew: it is told what has been switched.
    void onAttached(Role role) {
        broadcast.repeat(role, switches);
        switches.paused().stream()
                .filter(service -> pauser(service) == role)
                .forEach(this::repeatPause);
    }

    /// A process is gone.
    void onLost(Role role) {
        statistics.lost(role);
    }

    /// The parent tells how a process fares.
    void onProcess(ParentToChild.ProcessStatus status) {
        processes.put(status.process(), status);
        if (status.process() == Role.CONTROL && !settled) {
            settle(status.starts() > 1);
        }
    }

    /// The parent tells how the kernel shows those that run.
    void onSeen(ParentToChild.Seen message, Instant now) {
        seen = now;
        views.clear();
        message.processes().forEach(it -> views.put(it.process(), it));
    }

    /// How the processes fare.
    Watch watch() {
        return new Watch(
                started,
                Set.copyOf(switches.paused()),
                Map.copyOf(processes),
                Map.copyOf(views),
                seen,
                Map.copyOf(heard));
    }

    /// The parent has said whether the daemon was running before this process was: if so, what was
    /// kept still holds, and the others are told once more in case they missed it.
    private void settle(boolean startedAnew) {
        settled = true;
        if (startedAnew) {
            Memory.parse(kept).ifPresent(this::take);
        }
        keep();
    }

    private void take(Memory memory) {
        started = memory.started();
        for (ManagedService service : ManagedService.values()) {
            switches.pause(service, memory.paused().contains(service));
        }
        memory.verbose().ifPresent(on -> verbose(new Verbose(on)));
        memory.traces().forEach(name -> trace(new Trace(name, true)));
        switches.paused().forEach(this::repeatPause);
    }

    private void keep() {
        if (settled) {
            Memory memory =
                    new Memory(started, switches.paused(), switches.verbose(), switches.traces());
            keeper.accept(memory.text());
        }
    }

    /// Who pauses a service: the scheduler hands nothing out to a paused mta or mda.
    private static Role pauser(ManagedService service) {
        return switch (service) {
            case MDA, MTA -> Role.SCHEDULER;
            case SMTP -> Role.SMTP;
        };
    }

    private void repeatPause(ManagedService service) {
        switch (service) {
            case MDA -> scheduler.send(new ControlToScheduler.Pause(DeliveryType.MDA, true));
            case MTA -> scheduler.send(new ControlToScheduler.Pause(DeliveryType.MTA, true));
            case SMTP -> smtp.send(new ControlToSmtp.Pause(true));
        }
    }

    /// A service was paused or resumed, as the process that does it has confirmed.
    void paused(ManagedService service, boolean on) {
        switches.pause(service, on);
        keep();
    }

    /// Whether a service is paused.
    boolean isPaused(ManagedService service) {
        return switches.isPaused(service);
    }

    /// Turns verbose logging on or off everywhere.
    void verbose(Verbose message) {
        switches.verbose(message.on());
        Logging.verbose(message.on());
        broadcast.verbose(message);
        keep();
    }

    /// Turns a trace subsystem on or off everywhere; false if there is no such subsystem.
    boolean trace(Trace message) {
        if (!Traces.set(message.subsystem(), message.on())) {
            return false;
        }
        List<String> names =
                message.subsystem().equals("all") ? Traces.NAMES : List.of(message.subsystem());
        names.forEach(name -> switches.trace(name, message.on()));
        broadcast.trace(message);
        keep();
        return true;
    }

    /// What `smtpctl show stats` prints.
    List<String> statLines(Instant now) {
        List<String> lines = new ArrayList<>(statistics.lines());
        lines.addAll(uptimeLines(now));
        return lines;
    }

    /// How long the daemon has been up, as two of those lines.
    List<String> uptimeLines(Instant now) {
        Duration uptime = Duration.between(started, now);
        List<String> lines = new ArrayList<>();
        lines.add("uptime=" + uptime.toSeconds());
        lines.add("uptime.human=" + Delay.text(uptime));
        return lines;
    }

    /// What `smtpctl show status` prints: OpenSMTPD's three lines, then one for each process.
    List<String> statusLines() {
        List<String> lines = new ArrayList<>();
        for (ManagedService service : ManagedService.values()) {
            lines.add(service.name() + (switches.isPaused(service) ? " paused" : " running"));
        }
        processes.values().forEach(it -> lines.add(line(it)));
        return lines;
    }

    private static String line(ParentToChild.ProcessStatus it) {
        String pid = it.pid() == 0 ? "down" : Long.toString(it.pid());
        return "process %s pid=%s starts=%d sandbox: %s"
                .formatted(it.process().word(), pid, it.starts(), it.sandbox());
    }
}
