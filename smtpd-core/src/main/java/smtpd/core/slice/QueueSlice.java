package smtpd.core.slice;

import smtpd.core.conf.QueueOptions;
import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.mail.Bytes;

import java.nio.ByteBuffer;
import java.util.List;

/// What the queue may know: where and how to store.
///
/// @param hostname the server's name, for reports
/// @param spool the spool directory
/// @param options storage and warnings
/// @param actions names of the actions that exist, for envelopes found in the spool
/// @param smarthosts those among them that relay to the same host whatever the recipient's domain
public record QueueSlice(
        String hostname,
        String spool,
        QueueOptions options,
        List<String> actions,
        List<String> smarthosts) {
    /// The wire form.
    public Bytes encode() {
        FrameOut out = new FrameOut(1024);
        out.text(hostname);
        out.text(spool);
        ConfWire.queue(out, options);
        out.texts(actions);
        out.texts(smarthosts);
        return Bytes.of(out.toByteArray());
    }

    /// Reads the wire form; throws [smtpd.core.imsg.ImsgViolation] when it is not one.
    public static QueueSlice decode(Bytes bytes) {
        FrameIn in = new FrameIn(ByteBuffer.wrap(bytes.toByteArray()));
        QueueSlice slice =
                new QueueSlice(in.text(), in.text(), ConfWire.queue(in), in.texts(), in.texts());
        in.end();
        return slice;
    }
}
