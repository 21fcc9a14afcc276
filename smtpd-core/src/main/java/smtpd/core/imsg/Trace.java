package smtpd.core.imsg;

/// Turns a trace subsystem on or off.
///
/// @param subsystem the name, as `smtpctl trace` takes it
/// @param on on or off
public record Trace(String subsystem, boolean on)
        implements ControlToSmtp,
                ControlToLka,
                ControlToQueue,
                ControlToScheduler,
                ControlToMta,
                ControlToMda,
                ControlToCa,
                CtlToControl {
    static void write(FrameOut out, Trace value) {
        out.text(value.subsystem());
        out.bool(value.on());
    }

    static Trace read(FrameIn in) {
        return new Trace(in.text(), in.bool());
    }
}
