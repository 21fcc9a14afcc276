package smtpd.core.slice;

import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.mail.Bytes;

import java.nio.ByteBuffer;
import java.util.List;

/// What control may know.
///
/// @param version the daemon's version
/// @param stateDirectory where statistics may be kept
/// @param paused `mta`, `mda`, `smtp` when they start paused
public record ControlSlice(String version, String stateDirectory, List<String> paused) {
    /// The wire form.
    public Bytes encode() {
        FrameOut out = new FrameOut(1024);
        out.text(version);
        out.text(stateDirectory);
        out.texts(paused);
        return Bytes.of(out.toByteArray());
    }

    /// Reads the wire form; throws [smtpd.core.imsg.ImsgViolation] when it is not one.
    public static ControlSlice decode(Bytes bytes) {
        FrameIn in = new FrameIn(ByteBuffer.wrap(bytes.toByteArray()));
        ControlSlice slice = new ControlSlice(in.text(), in.text(), in.texts());
        in.end();
        return slice;
    }
}
