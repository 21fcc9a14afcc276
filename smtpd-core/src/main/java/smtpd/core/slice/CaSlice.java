package smtpd.core.slice;

import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.mail.Bytes;

import java.nio.ByteBuffer;
import java.util.Map;

/// What ca may know: the private keys.
///
/// @param keys PEM text by the name of the key ([smtpd.core.tls.Identity#keyId])
public record CaSlice(Map<String, String> keys) {
    /// The wire form.
    public Bytes encode() {
        FrameOut out = new FrameOut(1024);
        ConfWire.map(out, keys, FrameOut::text);
        return Bytes.of(out.toByteArray());
    }

    /// Reads the wire form; throws [smtpd.core.imsg.ImsgViolation] when it is not one.
    public static CaSlice decode(Bytes bytes) {
        FrameIn in = new FrameIn(ByteBuffer.wrap(bytes.toByteArray()));
        CaSlice slice = new CaSlice(ConfWire.map(in, FrameIn::text));
        in.end();
        return slice;
    }
}
