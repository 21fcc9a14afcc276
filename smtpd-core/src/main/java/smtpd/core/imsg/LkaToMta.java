package smtpd.core.imsg;

import smtpd.core.mail.MailAddr;

import java.util.List;
import java.util.Set;

/// What lka answers the mta.
public sealed interface LkaToMta {
    /// The mail exchangers of a domain, lowest preference first.
    ///
    /// @param answer whether there are any
    /// @param hosts the hosts with their addresses
    /// @param sts whether the domain has a policy about them
    record MxResult(DnsAnswer answer, List<MxHost> hosts, StsRecord sts) implements LkaToMta {
        /// Of a domain without a policy.
        public MxResult(DnsAnswer answer, List<MxHost> hosts) {
            this(answer, hosts, StsRecord.NONE);
        }
    }

    /// The addresses of a host.
    ///
    /// @param answer whether there are any
    /// @param addresses literal addresses
    /// @param dane what DNS says about its certificate
    record HostResult(DnsAnswer answer, List<String> addresses, Dane dane) implements LkaToMta {
        /// Of a host about whose certificate DNS says nothing.
        public HostResult(DnsAnswer answer, List<String> addresses) {
            this(answer, addresses, Dane.NONE);
        }
    }

    /// A reverse name.
    ///
    /// @param name the name, or `<unknown>`
    record NameResult(String name) implements LkaToMta {}

    /// A table's answer.
    ///
    /// @param answer found, not found, not now
    /// @param value the entry found
    record TableResult(LookupAnswer answer, String value) implements LkaToMta {
        /// Everything but the value: it may be a password.
        @Override
        public String toString() {
            return "TableResult[" + answer + "]";
        }
    }

    /// The sender of a forwarded message.
    ///
    /// @param answer found, or not now
    /// @param sender the rewritten reverse-path; without meaning unless found
    record SenderResult(LookupAnswer answer, MailAddr sender) implements LkaToMta {}

    /// What filters say.
    sealed interface OfFilters extends LkaToMta {}

    /// What filters want to be told of a session.
    record FilterBegun(Set<FilterEvent> events) implements OfFilters {}

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
                        case FilterBegun _ -> 20;
                    };
                }

                @Override
                public void write(LkaToMta message, FrameOut out) {
                    switch (message) {
                        case MxResult it -> {
                            out.choice(it.answer());
                            out.list(it.hosts(), MxHost::write);
                            StsRecord.write(out, it.sts());
                        }
                        case HostResult it -> {
                            out.choice(it.answer());
                            out.texts(it.addresses());
                            Dane.write(out, it.dane());
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
                        case FilterBegun it -> {
                            Wire.set(out, it.events());
                        }
                    }
                }

                @Override
                public LkaToMta read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 ->
                                new MxResult(
                                        in.choice(DnsAnswer.values()),
                                        in.list(MxHost::read),
                                        StsRecord.read(in));
                        case 2 ->
                                new HostResult(
                                        in.choice(DnsAnswer.values()), in.texts(), Dane.read(in));
                        case 3 -> new NameResult(in.text());
                        case 4 -> new TableResult(in.choice(LookupAnswer.values()), in.text());
                        case 5 -> new SenderResult(in.choice(LookupAnswer.values()), Wire.addr(in));
                        case 20 -> new FilterBegun(Wire.set(in, FilterEvent.class));
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
