package smtpd.core.imsg;

/// The end of an answer.
///
/// @param ok whether the command took effect
/// @param text why not, or empty
public record Done(boolean ok, String text)
        implements SmtpToControl,
                LkaToControl,
                QueueToControl,
                SchedulerToControl,
                MtaToControl,
                ControlToCtl {
    static void write(FrameOut out, Done value) {
        out.bool(value.ok());
        out.text(value.text());
    }

    static Done read(FrameIn in) {
        return new Done(in.bool(), in.text());
    }
}
