package smtpd.core.imsg;

import smtpd.core.mail.MailAddr;

import java.util.List;

/// What lka answers the mta.
public sealed interface LkaToMta {
    /// The mail exchangers of a domain, lowest preference first.
    ///
    /// @param answer whether there are any
    /// @param hosts the hosts with their addresses
    record MxResult(DnsAnswer answer, List<MxHost> hosts) implements LkaToMta {}

    /// The addresses of a host.
    ///
    /// @param answer whether there are any
    /// @param addresses literal addresses
    record HostResult(DnsAnswer answer, List<String> addresses) implements LkaToMta {}

    /// A reverse name.
    ///
    /// @param name the name, or `<unknown>`
    record NameResult(String name) implements LkaToMta {}

    /// A table's answer.
    ///
    /// @param answer found, not found, not now
    /// @param value the entry found
    record TableResult(LookupAnswer answer, String value) implements LkaToMta {}

    /// The sender of a forwarded message.
    ///
    /// @param answer found, or not now
    /// @param sender the rewritten reverse-path; without meaning unless found
    record SenderResult(LookupAnswer answer, MailAddr sender) implements LkaToMta {}

    /// The wire form.
    Codec<LkaToMta> CODEC =
            new Codec<>() {
                @Override
                public int type(LkaToMta message) {
                    return switch (message) {
                        case MxResult _ -> 1;
                        case HostResult _ -> 2;
                        case NameResult _ -> 3;
                        case TableResult _ -> 4;
                        case SenderResult _ -> 5;
                    };
                }

                @Override
                public void write(LkaToMta message, FrameOut out) {
                    switch (message) {
                        case MxResult it -> {
                            out.choice(it.answer());
                            out.list(it.hosts(), MxHost::write);
                        }
                        case HostResult it -> {
                            out.choice(it.answer());
                            out.texts(it.addresses());
                        }
                        case NameResult it -> {
                            out.text(it.name());
                        }
                        case TableResult it -> {
                            out.choice(it.answer());
                            out.text(it.value());
                        }
                        case SenderResult it -> {
                            out.choice(it.answer());
                            Wire.addr(out, it.sender());
                        }
                    }
                }

                @Override
                public LkaToMta read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 ->
                                new MxResult(in.choice(DnsAnswer.values()), in.list(MxHost::read));
                        case 2 -> new HostResult(in.choice(DnsAnswer.values()), in.texts());
                        case 3 -> new NameResult(in.text());
                        case 4 -> new TableResult(in.choice(LookupAnswer.values()), in.text());
                        case 5 -> new SenderResult(in.choice(LookupAnswer.values()), Wire.addr(in));
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
