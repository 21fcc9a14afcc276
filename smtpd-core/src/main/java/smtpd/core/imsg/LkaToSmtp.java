package smtpd.core.imsg;

import smtpd.core.mail.EvpId;

import java.util.List;

/// What lka answers smtp.
public sealed interface LkaToSmtp {
    /// The answer to a name lookup.
    ///
    /// @param name the reverse name, or `<unknown>`
    /// @param confirmed whether the name leads back to the address
    record ClientName(String name, Confirmed confirmed) implements LkaToSmtp {}

    /// The recipient is accepted; its envelopes wait in the queue for the commit.
    ///
    /// @param envelopes the ids they were given
    record Expanded(List<EvpId> envelopes) implements LkaToSmtp {}

    /// The recipient is refused, for now or for good.
    ///
    /// @param code the reply code: 4xx for now, 5xx for good
    /// @param status the enhanced status code, or empty
    /// @param text the reply's text without the recipient
    record Refused(int code, String status, String text) implements LkaToSmtp {}

    /// The answer to a password.
    ///
    /// @param answer found: it fits; not found: it does not, or there is no such user; else not now
    record Authenticated(LookupAnswer answer) implements LkaToSmtp {}

    /// The wire form.
    Codec<LkaToSmtp> CODEC =
            new Codec<>() {
                @Override
                public int type(LkaToSmtp message) {
                    return switch (message) {
                        case ClientName _ -> 1;
                        case Expanded _ -> 2;
                        case Refused _ -> 3;
                        case Authenticated _ -> 4;
                    };
                }

                @Override
                public void write(LkaToSmtp message, FrameOut out) {
                    switch (message) {
                        case ClientName it -> {
                            out.text(it.name());
                            out.choice(it.confirmed());
                        }
                        case Expanded it -> {
                            out.list(it.envelopes(), Wire::evpid);
                        }
                        case Refused it -> {
                            out.u32(it.code());
                            out.text(it.status());
                            out.text(it.text());
                        }
                        case Authenticated it -> {
                            out.choice(it.answer());
                        }
                    }
                }

                @Override
                public LkaToSmtp read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new ClientName(in.text(), in.choice(Confirmed.values()));
                        case 2 -> new Expanded(in.list(Wire::evpid));
                        case 3 -> new Refused(in.u32(), in.text(), in.text());
                        case 4 -> new Authenticated(in.choice(LookupAnswer.values()));
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
