package smtpd.core.imsg;

import java.util.List;

/// Changes to statistics since the last push.
///
/// @param updates the changes, in order
public record Stats(List<StatUpdate> updates)
        implements SmtpToControl,
                LkaToControl,
                QueueToControl,
                SchedulerToControl,
                MtaToControl,
                MdaToControl,
                CaToControl {
    static void write(FrameOut out, Stats value) {
        out.list(value.updates(), StatUpdate::write);
    }

    static Stats read(FrameIn in) {
        return new Stats(in.list(StatUpdate::read));
    }
}
