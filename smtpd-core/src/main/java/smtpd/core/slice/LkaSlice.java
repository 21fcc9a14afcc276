package smtpd.core.slice;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.PeerSecurity;
import smtpd.core.conf.Rule;
import smtpd.core.conf.SrsOptions;
import smtpd.core.conf.TableConf;
import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.mail.Bytes;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/// What lka may know: tables, rules and what they lead to.
///
/// @param hostname the server's name
/// @param localNames names and address literals that are this machine's
/// @param localAddresses addresses of every interface
/// @param nameservers resolvers as `address` or `[address]:port`
/// @param tables in order of declaration
/// @param rules in order; the first match wins
/// @param dispatchers every action
/// @param srs sender rewriting
/// @param listeners the tables of listeners
/// @param subAddrDelim one character
/// @param queueTtl how long an envelope is tried unless its action says otherwise
/// @param peers what of other servers' policies is looked up
/// @param anchors the keys DNSSEC begins with, as DS or DNSKEY records; empty for those of the root
/// @param filters what is asked about sessions, and told of them
public record LkaSlice(
        String hostname,
        List<String> localNames,
        List<String> localAddresses,
        List<String> nameservers,
        List<TableConf> tables,
        List<Rule> rules,
        List<Dispatcher> dispatchers,
        SrsOptions srs,
        ListenerTables listeners,
        String subAddrDelim,
        Duration queueTtl,
        PeerSecurity peers,
        String anchors,
        FilterSlice filters) {
    /// The tables smtp may have questions answered from, each for its purpose only.
    ///
    /// @param credentials those that listeners authenticate against; the empty name for the
    ///   system's users
    /// @param senders user → as whom it may send
    /// @param hostnames address of ours → its name
    /// @param bareLf clients whose bare LF ends a line
    public record ListenerTables(
            List<String> credentials,
            List<String> senders,
            List<String> hostnames,
            List<String> bareLf) {
        /// None.
        public static final ListenerTables NONE =
                new ListenerTables(List.of(), List.of(), List.of(), List.of());
    }

    /// The wire form.
    public Bytes encode() {
        FrameOut out = new FrameOut(1024);
        out.text(hostname);
        out.texts(localNames);
        out.texts(localAddresses);
        out.texts(nameservers);
        out.list(tables, ConfWire::table);
        out.list(rules, ConfWire::rule);
        out.list(dispatchers, ConfWire::dispatcher);
        ConfWire.srs(out, srs);
        out.texts(listeners.credentials());
        out.texts(listeners.senders());
        out.texts(listeners.hostnames());
        out.texts(listeners.bareLf());
        out.text(subAddrDelim);
        out.duration(queueTtl);
        ConfWire.peers(out, peers);
        out.text(anchors);
        FilterSlice.write(out, filters);
        return Bytes.of(out.toByteArray());
    }

    /// Reads the wire form; throws [smtpd.core.imsg.ImsgViolation] when it is not one.
    public static LkaSlice decode(Bytes bytes) {
        FrameIn in = new FrameIn(ByteBuffer.wrap(bytes.toByteArray()));
        LkaSlice slice =
                new LkaSlice(
                        in.text(),
                        in.texts(),
                        in.texts(),
                        in.texts(),
                        in.list(ConfWire::table),
                        in.list(ConfWire::rule),
                        in.list(ConfWire::dispatcher),
                        ConfWire.srs(in),
                        new ListenerTables(in.texts(), in.texts(), in.texts(), in.texts()),
                        in.text(),
                        in.duration(),
                        ConfWire.peers(in),
                        in.text(),
                        FilterSlice.read(in));
        in.end();
        return slice;
    }
}
