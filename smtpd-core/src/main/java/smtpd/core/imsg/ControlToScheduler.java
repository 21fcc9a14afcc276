package smtpd.core.imsg;

import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;

import java.time.Duration;
import java.util.List;

/// What control asks the scheduler.
public sealed interface ControlToScheduler
        permits Verbose,
                Trace,
                ControlToScheduler.Pause,
                ControlToScheduler.Schedule,
                ControlToScheduler.ScheduleDomain,
                ControlToScheduler.Remove,
                ControlToScheduler.Suspend,
                ControlToScheduler.Extend,
                ControlToScheduler.States,
                ControlToScheduler.Summarize {
    /// Stops or resumes handing out envelopes of a type.
    ///
    /// @param type mda or mta
    /// @param on paused or running
    record Pause(DeliveryType type, boolean on) implements ControlToScheduler {}

    /// Makes envelopes due now.
    ///
    /// @param which which
    record Schedule(Selection which) implements ControlToScheduler {}

    /// Makes remote envelopes due now.
    ///
    /// @param domain where they go: a domain, or the name of an action that relays to fixed hosts
    record ScheduleDomain(String domain) implements ControlToScheduler {}

    /// Removes envelopes; one in flight when its attempt ends.
    ///
    /// @param which which
    record Remove(Selection which) implements ControlToScheduler {}

    /// Holds or releases envelopes.
    ///
    /// @param which which
    /// @param on held or released
    record Suspend(Selection which, boolean on) implements ControlToScheduler {}

    /// Gives envelopes more time before they expire.
    ///
    /// @param which which
    /// @param domain where they go, if it is not empty: then `which` is all of them
    /// @param by how much more
    record Extend(Selection which, String domain, Duration by) implements ControlToScheduler {}

    /// Asks where envelopes stand.
    ///
    /// @param envelopes the envelopes
    record States(List<EvpId> envelopes) implements ControlToScheduler {}

    /// Asks for a [QueueSummary].
    ///
    /// @param destinations at most so many are listed
    record Summarize(int destinations) implements ControlToScheduler {}

    /// The wire form.
    Codec<ControlToScheduler> CODEC =
            new Codec<>() {
                @Override
                public int type(ControlToScheduler message) {
                    return switch (message) {
                        case Verbose _ -> 1;
                        case Trace _ -> 2;
                        case Pause _ -> 3;
                        case Schedule _ -> 4;
                        case Remove _ -> 5;
                        case Suspend _ -> 6;
                        case States _ -> 7;
                        case ScheduleDomain _ -> 8;
                        case Extend _ -> 9;
                        case Summarize _ -> 10;
                    };
                }

                @Override
                public void write(ControlToScheduler message, FrameOut out) {
                    switch (message) {
                        case Verbose it -> Verbose.write(out, it);
                        case Trace it -> Trace.write(out, it);
                        case Pause it -> {
                            out.choice(it.type());
                            out.bool(it.on());
                        }
                        case Schedule it -> {
                            Selection.write(out, it.which());
                        }
                        case Remove it -> {
                            Selection.write(out, it.which());
                        }
                        case Suspend it -> {
                            Selection.write(out, it.which());
                            out.bool(it.on());
                        }
                        case States it -> {
                            out.list(it.envelopes(), Wire::evpid);
                        }
                        case ScheduleDomain it -> out.text(it.domain());
                        case Extend it -> {
                            Selection.write(out, it.which());
                            out.text(it.domain()).duration(it.by());
                        }
                        case Summarize it -> out.u32(it.destinations());
                    }
                }

                @Override
                public ControlToScheduler read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Verbose.read(in);
                        case 2 -> Trace.read(in);
                        case 3 -> new Pause(in.choice(DeliveryType.values()), in.bool());
                        case 4 -> new Schedule(Selection.read(in));
                        case 5 -> new Remove(Selection.read(in));
                        case 6 -> new Suspend(Selection.read(in), in.bool());
                        case 7 -> new States(in.list(Wire::evpid));
                        case 8 -> new ScheduleDomain(in.text());
                        case 9 -> new Extend(Selection.read(in), in.text(), in.duration());
                        case 10 -> new Summarize(in.u32());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
