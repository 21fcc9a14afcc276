package smtpd.e2e.bulk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Waiting;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Pattern;

/// The daemon started on a queue that does not fit into the memory it is given: both processes keep
/// it in databases.
class FullQueueTest {
    private static final int MESSAGES = 5_000;
    private static final int RCPTS = 10;
    private static final int OVERDUE = 40;

    @Test
    @DisplayName("F-73 a start on a full queue: mail is taken, due mail goes out, the rest stays")
    void fullQueueAtStart() throws Exception {
        Account account = Account.unprivileged();
        try (FirstOld sink = FirstOld.start();
                Daemon daemon = Daemon.prepare(account)) {
            int port = Ports.free(1).getFirst();
            daemon.write(
                    "etc/smtpd.conf",
                    """
                    queue backend sqlite
                    queue limit memory 64M
                    scheduler backend sqlite
                    scheduler limit memory 64M
                    scheduler limit retry-base-mta %d
                    listen on 127.0.0.1 port %d hostname mx.example.org
                    action "%s" relay host smtp://127.0.0.1:%d helo "mx.example.org"
                    match from any for any action "far"
                    """
                            .formatted(
                                    Backlog.RETRY_BASE.toSeconds(),
                                    port,
                                    Backlog.ACTION,
                                    sink.port()));
            Path spool = daemon.prefix().resolve("var/spool/smtpd");
            Files.createDirectories(spool);
            new Backlog("sqlite", MESSAGES, RCPTS, 512, OVERDUE)
                    .fill(spool, InstantSource.system().instant());
            daemon.start();
            Waiting.until(
                    () -> Newcomer.sent(port), () -> "no mail is taken\n" + daemon.lastLines());
            Waiting.until(
                    () -> sink.fresh() == 1 && sink.overdue() == OVERDUE,
                    () -> sink.overdue() + " overdue\n" + daemon.lastLines());
            Waiting.until(
                    () -> said(daemon, "envelopes of [0-9]+ messages loaded"),
                    () -> "not loaded\n" + daemon.lastLines());
            assertEquals(0, sink.deferred());
            int left = (MESSAGES - OVERDUE) * RCPTS;
            Waiting.until(
                    () -> stats(daemon).contains("scheduler.envelope=" + left),
                    () -> stats(daemon) + daemon.lastLines());
            assertTrue(!said(daemon, "(died|exited|restart)"), daemon::lastLines);
        }
    }

    private static boolean said(Daemon daemon, String what) {
        Pattern pattern = Pattern.compile(what);
        return daemon.log(0).stream().anyMatch(line -> pattern.matcher(line).find());
    }

    private static List<String> stats(Daemon daemon) {
        return daemon.ask("show", "stats")
                .lines()
                .filter(line -> line.startsWith("scheduler.envelope="))
                .toList();
    }
}
