package smtpd.core.proc;

import java.util.Locale;

/// The processes of the daemon.
public enum Role {
    /// Starts and supervises the others; root.
    PARENT,
    /// Accepts SMTP and LMTP sessions.
    SMTP,
    /// Looks things up: tables, rules, expansion, DNS.
    LKA,
    /// Keeps messages and envelopes on stable storage.
    QUEUE,
    /// Decides when each envelope is tried.
    SCHEDULER,
    /// Delivers to other servers.
    MTA,
    /// Delivers on this machine.
    MDA,
    /// Holds the private keys.
    CA,
    /// Serves the control socket and the statistics.
    CONTROL;

    /// The lower-case word used in logs and on command lines.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
