package smtpd.core.imsg;

import smtpd.core.mail.DeliveryType;

import java.time.Duration;
import java.util.List;

/// The queue at a glance, of bounded size however long the queue is.
///
/// @param largest the destinations with the most envelopes, most first
/// @param destinations how many destinations there are
/// @param partial whether there were too many to look at all of them, and one that is not listed
///   may be larger
/// @param ages how many envelopes are how old, the youngest first; the last has no upper bound
public record QueueSummary(List<To> largest, int destinations, boolean partial, List<Age> ages)
        implements SchedulerToControl {
    public QueueSummary {
        largest = List.copyOf(largest);
        ages = List.copyOf(ages);
    }

    /// One destination.
    ///
    /// @param type who delivers
    /// @param name where to: a domain, a user, or the name of an action
    /// @param envelopes how many wait or are under way
    /// @param inflight how many of them are under way
    /// @param lastDeferred the envelope that was put off last, or 0
    public record To(
            DeliveryType type, String name, int envelopes, int inflight, long lastDeferred) {}

    /// Envelopes of an age.
    ///
    /// @param below they are younger than this, and not in the age before; a second more than any
    ///   envelope lives for the last
    /// @param envelopes how many
    public record Age(Duration below, int envelopes) {}

    static void write(FrameOut out, QueueSummary it) {
        out.list(it.largest(), QueueSummary::write);
        out.u32(it.destinations());
        out.bool(it.partial());
        out.list(it.ages(), (to, age) -> to.duration(age.below()).u32(age.envelopes()));
    }

    private static void write(FrameOut out, To it) {
        out.choice(it.type()).text(it.name()).u32(it.envelopes()).u32(it.inflight());
        out.i64(it.lastDeferred());
    }

    static QueueSummary read(FrameIn in) {
        return new QueueSummary(
                in.list(QueueSummary::to),
                in.u32(),
                in.bool(),
                in.list(it -> new Age(it.duration(), it.u32())));
    }

    private static To to(FrameIn in) {
        return new To(in.choice(DeliveryType.values()), in.text(), in.u32(), in.u32(), in.i64());
    }
}
