package smtpd.core.slice;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Limits;
import smtpd.core.conf.PeerSecurity;
import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.mail.Bytes;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/// What the mta may know: relay actions and limits.
///
/// @param hostname the server's name
/// @param dispatchers the relay actions
/// @param defaults limits unless a domain has its own
/// @param domains limits by domain
/// @param maxDeferred bound of the per-host deferred cache
/// @param peers what of other servers' policies is followed
/// @param certificates of the actions, and trust anchors for servers
public record MtaSlice(
        String hostname,
        List<Dispatcher.Remote> dispatchers,
        Limits.MtaLimits defaults,
        Map<String, Limits.MtaLimits> domains,
        int maxDeferred,
        PeerSecurity peers,
        CertificateSet certificates) {
    /// The wire form.
    public Bytes encode() {
        FrameOut out = new FrameOut(1024);
        out.text(hostname);
        out.list(dispatchers, ConfWire::remote);
        ConfWire.mtaLimits(out, defaults);
        ConfWire.map(out, domains, ConfWire::mtaLimits);
        out.u32(maxDeferred);
        ConfWire.peers(out, peers);
        CertificateSet.write(out, certificates);
        return Bytes.of(out.toByteArray());
    }

    /// Reads the wire form; throws [smtpd.core.imsg.ImsgViolation] when it is not one.
    public static MtaSlice decode(Bytes bytes) {
        FrameIn in = new FrameIn(ByteBuffer.wrap(bytes.toByteArray()));
        MtaSlice slice =
                new MtaSlice(
                        in.text(),
                        in.list(ConfWire::remote),
                        ConfWire.mtaLimits(in),
                        ConfWire.map(in, ConfWire::mtaLimits),
                        in.u32(),
                        ConfWire.peers(in),
                        CertificateSet.read(in));
        in.end();
        return slice;
    }
}
