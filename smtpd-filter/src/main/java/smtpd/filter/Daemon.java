package smtpd.filter;

import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// The mail server, as the filter sees it. Any thread may use it.
public interface Daemon {
    /// The version of OpenSMTPD whose protocol it speaks, as it says.
    String version();

    /// The value of a key of its `config` lines; empty if it did not say.
    String config(String key);

    /// Where the filter is used.
    Set<Subsystem> subsystems();

    /// The time, by the clock of the server: that of the last line it sent. A filter that uses no
    /// other clock can be tested at any time of day.
    Instant now();

    /// Looks a name up, for no session in particular. See [Session#dns(DnsType, String)].
    CompletableFuture<DnsAnswer> dns(DnsType type, String name);

    /// Writes a line to the log of the server.
    void log(String text);
}
