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
/// @param statistics where statistics go
public record ControlSlice(
        String version, String stateDirectory, List<String> paused, Statistics statistics) {
    /// Where statistics go. The sockets follow the control socket among what is handed over: first
    /// those that serve HTTP, then those connected with a StatsD server.
    ///
    /// @param kept whether in a file of the state directory
    /// @param pages how many sockets serve HTTP
    public record Statistics(boolean kept, int pages) {}

    /// The wire form.
    public Bytes encode() {
        FrameOut out = new FrameOut(1024);
        out.text(version);
        out.text(stateDirectory);
        out.texts(paused);
        out.bool(statistics.kept());
        out.u32(statistics.pages());
        return Bytes.of(out.toByteArray());
    }

    /// Reads the wire form; throws [smtpd.core.imsg.ImsgViolation] when it is not one.
    public static ControlSlice decode(Bytes bytes) {
        FrameIn in = new FrameIn(ByteBuffer.wrap(bytes.toByteArray()));
        ControlSlice slice =
                new ControlSlice(
                        in.text(), in.text(), in.texts(), new Statistics(in.bool(), in.u32()));
        in.end();
        return slice;
    }
}
