package smtpd.core.imsg;

import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;

import java.time.Duration;
import java.util.List;

/// What the scheduler asks the queue to do with envelopes that are due.
public sealed interface SchedulerToQueue {
    /// Hands out all due envelopes of one message for one destination.
    ///
    /// @param type to mda, to mta, or a report to the sender
    /// @param envelopes the envelopes
    record Deliver(DeliveryType type, List<EvpId> envelopes) implements SchedulerToQueue {}

    /// They were in the queue too long.
    ///
    /// @param envelopes the envelopes
    record Expire(List<EvpId> envelopes) implements SchedulerToQueue {}

    /// The operator removes them.
    ///
    /// @param envelopes the envelopes
    record Remove(List<EvpId> envelopes) implements SchedulerToQueue {}

    /// The operator holds or releases them; to be remembered over a restart.
    ///
    /// @param envelopes the envelopes
    /// @param on held or released
    record Suspend(List<EvpId> envelopes, boolean on) implements SchedulerToQueue {}

    /// The operator gives them more time; to be remembered over a restart.
    ///
    /// @param envelopes the envelopes
    /// @param by how much more
    record Extend(List<EvpId> envelopes, Duration by) implements SchedulerToQueue {}

    /// The scheduler starts: submit every envelope again, or say which there are.
    ///
    /// @param ordered in the order of their ids, as [QueueToScheduler.Found]: the scheduler has an
    ///   index of an earlier run, and compares
    record Resubmit(boolean ordered) implements SchedulerToQueue {}

    /// It has taken in what was [QueueToScheduler.Found]: more, please.
    record More() implements SchedulerToQueue {}

    /// The wire form.
    Codec<SchedulerToQueue> CODEC =
            new Codec<>() {
                @Override
                public int type(SchedulerToQueue message) {
                    return switch (message) {
                        case Deliver _ -> 1;
                        case Expire _ -> 2;
                        case Remove _ -> 3;
                        case Suspend _ -> 4;
                        case Resubmit _ -> 5;
                        case Extend _ -> 6;
                        case More _ -> 7;
                    };
                }

                @Override
                public void write(SchedulerToQueue message, FrameOut out) {
                    switch (message) {
                        case Deliver it -> {
                            out.choice(it.type());
                            out.list(it.envelopes(), Wire::evpid);
                        }
                        case Expire it -> {
                            out.list(it.envelopes(), Wire::evpid);
                        }
                        case Remove it -> {
                            out.list(it.envelopes(), Wire::evpid);
                        }
                        case Suspend it -> {
                            out.list(it.envelopes(), Wire::evpid);
                            out.bool(it.on());
                        }
                        case Resubmit it -> out.bool(it.ordered());
                        case More _ -> {}
                        case Extend it -> {
                            out.list(it.envelopes(), Wire::evpid);
                            out.duration(it.by());
                        }
                    }
                }

                @Override
                public SchedulerToQueue read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 ->
                                new Deliver(in.choice(DeliveryType.values()), in.list(Wire::evpid));
                        case 2 -> new Expire(in.list(Wire::evpid));
                        case 3 -> new Remove(in.list(Wire::evpid));
                        case 4 -> new Suspend(in.list(Wire::evpid), in.bool());
                        case 5 -> new Resubmit(in.bool());
                        case 6 -> new Extend(in.list(Wire::evpid), in.duration());
                        case 7 -> new More();
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
