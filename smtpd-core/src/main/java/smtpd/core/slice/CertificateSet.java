package smtpd.core.slice;

import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.mail.Bytes;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/// Certificates in DER: what smtp and mta need for TLS, without any private key. It is part of
/// their slices, and sent again by itself when the files have been read again.
///
/// @param chains by pki name: the certificate, then those that vouch for it
/// @param anchors trust anchors by ca name; under [#SYSTEM] those of the system
public record CertificateSet(Map<String, List<Bytes>> chains, Map<String, List<Bytes>> anchors) {
    /// The name of the system's trust anchors.
    public static final String SYSTEM = "";

    /// None.
    public static final CertificateSet EMPTY = new CertificateSet(Map.of(), Map.of());

    /// The wire form.
    public Bytes encode() {
        FrameOut out = new FrameOut(1024);
        write(out, this);
        return Bytes.of(out.toByteArray());
    }

    /// Reads the wire form; throws [smtpd.core.imsg.ImsgViolation] when it is not one.
    public static CertificateSet decode(Bytes bytes) {
        FrameIn in = new FrameIn(ByteBuffer.wrap(bytes.toByteArray()));
        CertificateSet set = read(in);
        in.end();
        return set;
    }

    static void write(FrameOut out, CertificateSet set) {
        ConfWire.map(out, set.chains, CertificateSet::list);
        ConfWire.map(out, set.anchors, CertificateSet::list);
    }

    static CertificateSet read(FrameIn in) {
        return new CertificateSet(
                ConfWire.map(in, CertificateSet::list), ConfWire.map(in, CertificateSet::list));
    }

    private static void list(FrameOut out, List<Bytes> ders) {
        out.list(ders, FrameOut::bytes);
    }

    private static List<Bytes> list(FrameIn in) {
        return in.list(FrameIn::bytes);
    }
}
