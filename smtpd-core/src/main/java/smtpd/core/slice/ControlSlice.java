package smtpd.core.slice;

import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.imsg.Wire;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Secret;

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
    /// @param host the daemon's name, for the status page
    /// @param tokens one for each socket that serves HTTP: what allows its buttons; empty if it has
    ///   none
    public record Statistics(boolean kept, String host, List<Secret> tokens) {
        public Statistics {
            tokens = List.copyOf(tokens);
        }

        /// How many sockets serve HTTP.
        public int pages() {
            return tokens.size();
        }
    }

    /// The wire form.
    public Bytes encode() {
        FrameOut out = new FrameOut(1024);
        out.text(version);
        out.text(stateDirectory);
        out.texts(paused);
        out.bool(statistics.kept());
        out.text(statistics.host());
        out.list(statistics.tokens(), Wire::secret);
        return Bytes.of(out.toByteArray());
    }

    /// Reads the wire form; throws [smtpd.core.imsg.ImsgViolation] when it is not one.
    public static ControlSlice decode(Bytes bytes) {
        FrameIn in = new FrameIn(ByteBuffer.wrap(bytes.toByteArray()));
        ControlSlice slice =
                new ControlSlice(
                        in.text(),
                        in.text(),
                        in.texts(),
                        new Statistics(in.bool(), in.text(), in.list(Wire::secret)));
        in.end();
        return slice;
    }
}
