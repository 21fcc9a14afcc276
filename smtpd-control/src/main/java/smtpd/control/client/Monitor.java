package smtpd.control.client;

import smtpd.core.imsg.ControlToCtl;
import smtpd.core.imsg.CtlToControl;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.Lines;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// `smtpctl monitor`: a line each second of what happened since the one before, until it is
/// interrupted or the daemon ends. The two `curr` columns are absolute. Clients that came and went
/// within a second show in neither column.
final class Monitor {
    /// Lines between two headings.
    static final int HEADING_EVERY = 25;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private static final String HEADING =
            "--- client ---  -- envelope --   ---- relay/delivery --- ------- misc -------\n"
                    + "curr conn disc  curr  enq  deq   ok tmpfail prmfail loop expire remove"
                    + " bounce\n";

    private final Console console;
    private final Path socket;

    Monitor(Console console, Path socket) {
        this.console = console;
        this.socket = socket;
    }

    int run() {
        try (ControlConnection control = ControlConnection.open(socket)) {
            Map<String, Long> before = Map.of();
            for (long line = 0; ; line++) {
                Map<String, Long> now = new HashMap<>();
                ControlToCtl end =
                        control.ask(new CtlToControl.ShowStats(), part -> collect(part, now));
                if (end instanceof Done(boolean ok, String text) && !ok) {
                    return console.fail(Exit.FAILED, text);
                }
                if (line % HEADING_EVERY == 0) {
                    console.out().print((line == 0 ? "" : "\n") + HEADING);
                }
                console.out().print(line(before.isEmpty() ? now : before, now));
                console.out().flush();
                if (console.out().checkError()) {
                    return Exit.OK;
                }
                before = now;
                LockSupport.parkNanos(SECOND);
            }
        } catch (IOException _) {
            return Smtpctl.notRunning(console);
        }
    }

    private static void collect(ControlToCtl part, Map<String, Long> into) {
        if (part instanceof Lines lines) {
            for (String line : lines.lines()) {
                int at = line.indexOf('=');
                if (!line.startsWith("uptime.human")) {
                    into.put(line.substring(0, at), Long.valueOf(line.substring(at + 1)));
                }
            }
        }
    }

    /// One line from two samples.
    static String line(Map<String, Long> before, Map<String, Long> now) {
        Difference since = new Difference(before, now);
        long clients = since.level("smtp.session");
        long change = since.total("smtp.session");
        long ok = since.total("scheduler.delivery.ok");
        long permfail = since.total("scheduler.delivery.permfail");
        long loop = since.total("scheduler.delivery.loop");
        long expired = since.total("scheduler.envelope.expired");
        long removed = since.total("scheduler.envelope.removed");
        long dequeued = ok + permfail + loop + expired + removed;
        long enqueued = Math.max(0, since.total("scheduler.envelope") + dequeued);
        return "%4d %4d %4d  %4d %4d %4d %4d    %4d    %4d %4d   %4d   %4d   %4d%n"
                .formatted(
                        clients,
                        Math.max(0, change),
                        Math.max(0, -change),
                        since.level("scheduler.envelope"),
                        enqueued,
                        dequeued,
                        ok,
                        since.total("scheduler.delivery.tempfail"),
                        permfail,
                        loop,
                        expired,
                        removed,
                        since.total("queue.bounce"));
    }

    private record Difference(Map<String, Long> before, Map<String, Long> now) {
        long level(String key) {
            return now.getOrDefault(key, 0L);
        }

        long total(String key) {
            return level(key) - before.getOrDefault(key, 0L);
        }
    }
}
