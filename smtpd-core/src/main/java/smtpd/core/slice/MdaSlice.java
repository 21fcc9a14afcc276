package smtpd.core.slice;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Limits;
import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.mail.Bytes;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/// What the mda may know: local actions and limits.
///
/// @param hostname the server's name
/// @param dispatchers the local actions
/// @param wrappers `mda wrapper` commands by name
/// @param limits limits
/// @param mailDirectory where mbox files are, usually `/var/mail`
/// @param subAddrDelim separates user and tag in addresses, one character
/// @param switchUsers whether deliveries run as their user (root), or all as ours
public record MdaSlice(
        String hostname,
        List<Dispatcher.Local> dispatchers,
        Map<String, String> wrappers,
        Limits.Mda limits,
        String mailDirectory,
        String subAddrDelim,
        boolean switchUsers) {
    /// The wire form.
    public Bytes encode() {
        FrameOut out = new FrameOut(1024);
        out.text(hostname);
        out.list(dispatchers, ConfWire::local);
        ConfWire.map(out, wrappers, FrameOut::text);
        out.u32(limits.maxSession()).u32(limits.maxSessionPerUser());
        ConfWire.tasks(out, limits.tasks());
        out.text(mailDirectory);
        out.text(subAddrDelim);
        out.bool(switchUsers);
        return Bytes.of(out.toByteArray());
    }

    /// Reads the wire form; throws [smtpd.core.imsg.ImsgViolation] when it is not one.
    public static MdaSlice decode(Bytes bytes) {
        FrameIn in = new FrameIn(ByteBuffer.wrap(bytes.toByteArray()));
        MdaSlice slice =
                new MdaSlice(
                        in.text(),
                        in.list(ConfWire::local),
                        ConfWire.map(in, FrameIn::text),
                        new Limits.Mda(in.u32(), in.u32(), ConfWire.tasks(in)),
                        in.text(),
                        in.text(),
                        in.bool());
        in.end();
        return slice;
    }
}
