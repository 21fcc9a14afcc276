package smtpd.core.imsg;

/// The content cannot be read; nothing of it may be delivered.
///
/// @param reason why
public record BodyFailed(String reason) implements QueueToMta, QueueToMda, QueueToControl {
    static void write(FrameOut out, BodyFailed value) {
        out.text(value.reason());
    }

    static BodyFailed read(FrameIn in) {
        return new BodyFailed(in.text());
    }
}
