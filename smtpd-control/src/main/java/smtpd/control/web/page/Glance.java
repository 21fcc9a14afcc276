package smtpd.control.web.page;

import smtpd.control.stat.Reading;
import smtpd.core.imsg.ManagedService;
import smtpd.core.imsg.QueueSummary;
import smtpd.core.imsg.RouteSummary;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// All that the page shows, as it was read for one request.
///
/// @param now when
/// @param daemon the daemon as a whole
/// @param mail what the statistics say
/// @param queue what waits
/// @param routes the ways out
/// @param processes the processes, in order
public record Glance(
        Instant now,
        Daemon daemon,
        Mail mail,
        Queue queue,
        Heard<RouteSummary> routes,
        Heard<List<ProcessLine>> processes) {
    /// The daemon as a whole.
    ///
    /// @param version of the program
    /// @param host its name
    /// @param started when
    /// @param paused services that are paused
    public record Daemon(String version, String host, Instant started, Set<ManagedService> paused) {
        public Daemon {
            paused = Set.copyOf(paused);
        }
    }

    /// What the statistics say.
    ///
    /// @param traffic how much mail went
    /// @param reading how everything stands
    public record Mail(Heard<Traffic> traffic, Heard<Reading> reading) {}

    /// What waits.
    ///
    /// @param summary what the scheduler says
    /// @param reasons what the queue says: why the last envelope of a destination was put off
    public record Queue(Heard<QueueSummary> summary, Heard<Map<String, String>> reasons) {
        /// What a destination is called among the reasons.
        public static String key(QueueSummary.To to) {
            return to.type().word() + " " + to.name();
        }
    }

    /// Who can be asked for one.
    @FunctionalInterface
    public interface Source {
        /// Reads anew what is not fresh; takes a bounded time whoever does not answer.
        Glance read(Span span);
    }
}
