package smtpd.core.imsg;

/// What smtp asks lka: who is this client, and what becomes of this recipient.
public sealed interface SmtpToLka {
    /// Asks for a client's reverse name, confirmed forward.
    ///
    /// @param address a literal address
    record LookupName(String address) implements SmtpToLka {}

    /// Asks the ruleset about a recipient; on success its envelopes are with the queue.
    ///
    /// @param query the recipient and its session
    record ExpandRcpt(RcptQuery query) implements SmtpToLka {}

    /// The wire form.
    Codec<SmtpToLka> CODEC =
            new Codec<>() {
                @Override
                public int type(SmtpToLka message) {
                    return switch (message) {
                        case LookupName _ -> 1;
                        case ExpandRcpt _ -> 2;
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
                    }
                }

                @Override
                public SmtpToLka read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new LookupName(in.text());
                        case 2 -> new ExpandRcpt(RcptQuery.read(in));
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
