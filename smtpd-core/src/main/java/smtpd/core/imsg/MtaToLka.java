package smtpd.core.imsg;

import smtpd.core.mail.MailAddr;

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
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
