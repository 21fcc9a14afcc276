package smtpd.core.imsg;

import java.util.List;

/// One mail exchanger of a domain with its addresses.
///
/// @param name host name without the final dot
/// @param preference lower is tried first
/// @param addresses literal IPv4 and IPv6 addresses in the order the resolver gave
/// @param dane what DNS says about its certificate
public record MxHost(String name, int preference, List<String> addresses, Dane dane) {
    public MxHost {
        addresses = List.copyOf(addresses);
    }

    /// A host about whose certificate DNS says nothing.
    public MxHost(String name, int preference, List<String> addresses) {
        this(name, preference, addresses, Dane.NONE);
    }

    static void write(FrameOut out, MxHost value) {
        out.text(value.name());
        out.u32(value.preference());
        out.texts(value.addresses());
        Dane.write(out, value.dane());
    }

    static MxHost read(FrameIn in) {
        return new MxHost(in.text(), in.u32(), in.texts(), Dane.read(in));
    }
}
