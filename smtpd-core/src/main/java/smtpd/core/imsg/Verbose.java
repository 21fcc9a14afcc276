package smtpd.core.imsg;

/// Turns verbose logging on or off.
///
/// @param on on or off
public record Verbose(boolean on)
        implements ControlToSmtp,
                ControlToLka,
                ControlToQueue,
                ControlToScheduler,
                ControlToMta,
                ControlToMda,
                ControlToCa,
                CtlToControl {
    static void write(FrameOut out, Verbose value) {
        out.bool(value.on());
    }

    static Verbose read(FrameIn in) {
        return new Verbose(in.bool());
    }
}
