package smtpd.core.imsg;

import smtpd.core.mail.Bytes;

/// A TLSA record as it stands in DNS (RFC 6698 §2.1): which certificate a host will show.
///
/// @param usage what the certificate is to the host
/// @param selector whether the whole certificate or its public key is meant
/// @param matching whether `data` is that itself, or a digest of it
/// @param data what must match
public record Tlsa(int usage, int selector, int matching, Bytes data) {
    static void write(FrameOut out, Tlsa value) {
        out.u16(value.usage());
        out.u16(value.selector());
        out.u16(value.matching());
        out.bytes(value.data());
    }

    static Tlsa read(FrameIn in) {
        return new Tlsa(in.u16(), in.u16(), in.u16(), in.bytes());
    }
}
