package smtpd.core.imsg;

import java.util.List;

/// What the scheduler answers control.
public sealed interface SchedulerToControl
        permits Stats,
                Done,
                Progress,
                QueueSummary,
                SchedulerToControl.Count,
                SchedulerToControl.StateList {
    /// How many envelopes a command reached.
    ///
    /// @param count the number
    record Count(int count) implements SchedulerToControl {}

    /// Where envelopes stand; one that is unknown is left out.
    ///
    /// @param states the states
    record StateList(List<ScheduleState> states) implements SchedulerToControl {}

    /// The wire form.
    Codec<SchedulerToControl> CODEC =
            new Codec<>() {
                @Override
                public int type(SchedulerToControl message) {
                    return switch (message) {
                        case Stats _ -> 1;
                        case Done _ -> 2;
                        case Count _ -> 3;
                        case StateList _ -> 4;
                        case QueueSummary _ -> 5;
                        case Progress _ -> 6;
                    };
                }

                @Override
                public void write(SchedulerToControl message, FrameOut out) {
                    switch (message) {
                        case Stats it -> Stats.write(out, it);
                        case Done it -> Done.write(out, it);
                        case Count it -> {
                            out.u32(it.count());
                        }
                        case StateList it -> {
                            out.list(it.states(), ScheduleState::write);
                        }
                        case QueueSummary it -> QueueSummary.write(out, it);
                        case Progress it -> Progress.write(out, it);
                    }
                }

                @Override
                public SchedulerToControl read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Stats.read(in);
                        case 2 -> Done.read(in);
                        case 3 -> new Count(in.u32());
                        case 4 -> new StateList(in.list(ScheduleState::read));
                        case 5 -> QueueSummary.read(in);
                        case 6 -> Progress.read(in);
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
