package smtpd.core.slice;

import smtpd.core.conf.Listener;
import smtpd.core.conf.SmtpOptions;
import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.mail.Bytes;

import java.nio.ByteBuffer;
import java.util.List;

/// What smtp may know: its listeners and limits.
///
/// @param hostname the server's name
/// @param listeners in order of declaration, the local socket's first
/// @param sockets for each listening socket handed over, the index of its listener
/// @param smtp limits
/// @param dhe the pki names whose listeners agree on keys by finite-field Diffie-Hellman too
/// @param certificates of the listeners, and trust anchors for their clients
public record SmtpSlice(
        String hostname,
        List<Listener> listeners,
        List<Integer> sockets,
        SmtpOptions smtp,
        List<String> dhe,
        CertificateSet certificates) {
    /// The wire form.
    public Bytes encode() {
        FrameOut out = new FrameOut(1024);
        out.text(hostname);
        out.list(listeners, ConfWire::listener);
        out.list(sockets, FrameOut::u32);
        ConfWire.smtp(out, smtp);
        out.texts(dhe);
        CertificateSet.write(out, certificates);
        return Bytes.of(out.toByteArray());
    }

    /// Reads the wire form; throws [smtpd.core.imsg.ImsgViolation] when it is not one.
    public static SmtpSlice decode(Bytes bytes) {
        FrameIn in = new FrameIn(ByteBuffer.wrap(bytes.toByteArray()));
        SmtpSlice slice =
                new SmtpSlice(
                        in.text(),
                        in.list(ConfWire::listener),
                        in.list(FrameIn::u32),
                        ConfWire.smtp(in),
                        in.texts(),
                        CertificateSet.read(in));
        in.end();
        return slice;
    }
}
