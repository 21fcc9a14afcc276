package smtpd.mta;

import smtpd.core.conf.Limits;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// A destination with its delivery options, and the messages that wait for it.
final class Relay {
    /// Also names its hold queue.
    final long id;

    final RelayKey key;
    final Domain domain;
    final Limits.MtaLimits limits;
    final HoldMarks marks;

    /// What waits.
    final WaitingTasks tasks = new WaitingTasks();

    /// By source address.
    final Map<String, Connector> connectors = new LinkedHashMap<>();

    /// Sessions that count for it.
    int connections;

    /// Messages given to sessions and not yet answered.
    int running;

    Instant lastConnect = Instant.MIN;

    /// When it was last of use.
    Instant lastUse;

    /// When it will be looked at again; [Instant#MAX] if nothing is planned.
    Instant wake = Instant.MAX;

    /// Whether the table of source addresses is being asked.
    boolean sourceAsked;

    Relay(long id, RelayKey key, Domain domain, Limits.MtaLimits limits, Instant now) {
        this.id = id;
        this.key = key;
        this.domain = domain;
        this.limits = limits;
        marks = new HoldMarks(limits.tasks());
        lastUse = now;
    }

    /// Messages in our hands.
    int load() {
        return tasks.size() + running;
    }

    /// Nothing waits, runs, is parked or connected.
    boolean isIdle() {
        return load() == 0 && connections == 0 && !marks.parked();
    }

    /// For listings and logs.
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("[relay:").append(key.hop().name());
        out.append(",action=").append(key.action().name());
        if (key.hop().port() != 25) {
            out.append(",port=").append(key.hop().port());
        }
        if (key.hop().scheme() != Scheme.SMTP) {
            out.append(',').append(key.hop().scheme().word());
        }
        if (!key.hop().label().isEmpty()) {
            out.append(",auth=").append(key.hop().label());
        }
        if (!key.without().addresses().isEmpty()) {
            out.append(",without=").append(String.join("+", key.without().addresses()));
        }
        return out.append(key.hop().kind() == RelayKey.Kind.HOST ? "]" : ",mx]").toString();
    }
}
