package smtpd.core.imsg;

import smtpd.core.mail.MailAddr;
import smtpd.core.mail.SessionId;

import java.util.List;

/// What the mta asks lka.
public sealed interface MtaToLka {
    /// Asks for the mail exchangers of a domain, implicit MX included (RFC 5321 §5.1).
    ///
    /// @param domain the domain
    record LookupMx(String domain) implements MtaToLka {}

    /// Asks for the addresses of a host, or of a relay host without MX lookup.
    ///
    /// @param name a host name or an address literal
    /// @param port the port whose certificate is asked about too (RFC 6698 §3); 0 for none
    record LookupHost(String name, int port) implements MtaToLka {
        /// Asks for the addresses only.
        public LookupHost(String name) {
            this(name, 0);
        }
    }

    /// Asks for a remote host's reverse name.
    ///
    /// @param address a literal address
    record LookupName(String address) implements MtaToLka {}

    /// Asks a table of a relay action: source addresses, relay hosts, credentials, helo names,
    /// domain routes.
    ///
    /// @param table the table's name
    /// @param service what kind of lookup
    /// @param key the key; empty asks for the next entry in turn
    record LookupTable(String table, TableService service, String key) implements MtaToLka {}

    /// Asks for the sender to give when a message is forwarded under `srs`.
    ///
    /// @param sender the reverse-path it came with, not null
    record RewriteSender(MailAddr sender) implements MtaToLka {}

    /// What is for filters. All of it keeps its order.
    sealed interface ToFilters extends MtaToLka {}

    /// Tells filters of a session with a server: the first word about it.
    ///
    /// @param start the session
    record FilterBegin(FilterStart start) implements ToFilters {}

    /// Tells filters what happened; nothing is answered. [FilterEvent#LINK_DISCONNECT] is the last
    /// word about a session.
    ///
    /// @param session which
    /// @param event what
    /// @param fields its parameters; only the last may have `|` in it
    record FilterReport(SessionId session, FilterEvent event, List<String> fields)
            implements ToFilters {}

    /// The wire form.
    Codec<MtaToLka> CODEC =
            new Codec<>() {
                @Override
                public int type(MtaToLka message) {
                    return switch (message) {
                        case LookupMx _ -> 1;
                        case LookupHost _ -> 2;
                        case LookupName _ -> 3;
                        case LookupTable _ -> 4;
                        case RewriteSender _ -> 5;
                        case FilterBegin _ -> 20;
                        case FilterReport _ -> 21;
                    };
                }

                @Override
                public void write(MtaToLka message, FrameOut out) {
                    switch (message) {
                        case LookupMx it -> {
                            out.text(it.domain());
                        }
                        case LookupHost it -> {
                            out.text(it.name());
                            out.u16(it.port());
                        }
                        case LookupName it -> {
                            out.text(it.address());
                        }
                        case LookupTable it -> {
                            out.text(it.table());
                            out.choice(it.service());
                            out.text(it.key());
                        }
                        case RewriteSender it -> {
                            Wire.addr(out, it.sender());
                        }
                        case FilterBegin it -> {
                            FilterStart.write(out, it.start());
                        }
                        case FilterReport it -> {
                            Wire.session(out, it.session());
                            out.choice(it.event());
                            out.texts(it.fields());
                        }
                    }
                }

                @Override
                public MtaToLka read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new LookupMx(in.text());
                        case 2 -> new LookupHost(in.text(), in.u16());
                        case 3 -> new LookupName(in.text());
                        case 4 ->
                                new LookupTable(
                                        in.text(), in.choice(TableService.values()), in.text());
                        case 5 -> new RewriteSender(Wire.addr(in));
                        case 20 -> new FilterBegin(FilterStart.read(in));
                        case 21 ->
                                new FilterReport(
                                        Wire.session(in),
                                        in.choice(FilterEvent.values()),
                                        in.texts());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
