package smtpd.core.imsg;

/// An answer that is not the last: what was asked for is still being done. Said again and again
/// until the end, so that whoever waits knows that it is worth it.
///
/// @param count how much of it is done
public record Progress(int count) implements SchedulerToControl, QueueToControl {
    static void write(FrameOut out, Progress value) {
        out.u32(value.count());
    }

    static Progress read(FrameIn in) {
        return new Progress(in.u32());
    }
}
