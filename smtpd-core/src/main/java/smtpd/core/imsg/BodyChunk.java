package smtpd.core.imsg;

import smtpd.core.mail.Bytes;

/// The next piece of a message's content, in answer to an open request.
///
/// @param bytes 1 to 65,536 bytes; empty only for the last
/// @param last whether the content ends here
public record BodyChunk(Bytes bytes, boolean last)
        implements QueueToMta, QueueToMda, QueueToControl {
    static void write(FrameOut out, BodyChunk value) {
        out.bytes(value.bytes());
        out.bool(value.last());
    }

    static BodyChunk read(FrameIn in) {
        return new BodyChunk(in.bytes(), in.bool());
    }
}
