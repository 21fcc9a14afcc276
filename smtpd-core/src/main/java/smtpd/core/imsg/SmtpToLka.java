package smtpd.core.imsg;

import smtpd.core.mail.Secret;

/// What smtp asks lka: who is this client, may it say so, and what becomes of this recipient.
public sealed interface SmtpToLka {
    /// Asks for a client's reverse name, confirmed forward.
    ///
    /// @param address a literal address
    record LookupName(String address) implements SmtpToLka {}

    /// Asks the ruleset about a recipient; on success its envelopes are with the queue.
    ///
    /// @param query the recipient and its session
    record ExpandRcpt(RcptQuery query) implements SmtpToLka {}

    /// Asks whether a client is who it says it is.
    ///
    /// @param table the listener's credentials; empty for the system's users
    /// @param user the name it gave (RFC 4616: authentication identity)
    /// @param password the password it gave
    record Authenticate(String table, String user, Secret password) implements SmtpToLka {}

    /// The wire form.
    Codec<SmtpToLka> CODEC =
            new Codec<>() {
                @Override
                public int type(SmtpToLka message) {
                    return switch (message) {
                        case LookupName _ -> 1;
                        case ExpandRcpt _ -> 2;
                        case Authenticate _ -> 3;
                    };
                }

                @Override
                public void write(SmtpToLka message, FrameOut out) {
                    switch (message) {
                        case LookupName it -> {
                            out.text(it.address());
                        }
                        case ExpandRcpt it -> {
                            RcptQuery.write(out, it.query());
                        }
                        case Authenticate it -> {
                            out.text(it.table());
                            out.text(it.user());
                            Wire.secret(out, it.password());
                        }
                    }
                }

                @Override
                public SmtpToLka read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new LookupName(in.text());
                        case 2 -> new ExpandRcpt(RcptQuery.read(in));
                        case 3 -> new Authenticate(in.text(), in.text(), Wire.secret(in));
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
