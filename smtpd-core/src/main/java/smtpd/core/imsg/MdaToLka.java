package smtpd.core.imsg;

/// What the mda asks lka.
public sealed interface MdaToLka {
    /// Asks for the user of an action's userbase.
    ///
    /// @param dispatcher the action's name
    /// @param user the user's name
    record LookupUser(String dispatcher, String user) implements MdaToLka {}

    /// The wire form.
    Codec<MdaToLka> CODEC =
            new Codec<>() {
                @Override
                public int type(MdaToLka message) {
                    return switch (message) {
                        case LookupUser _ -> 1;
                    };
                }

                @Override
                public void write(MdaToLka message, FrameOut out) {
                    switch (message) {
                        case LookupUser it -> {
                            out.text(it.dispatcher());
                            out.text(it.user());
                        }
                    }
                }

                @Override
                public MdaToLka read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new LookupUser(in.text(), in.text());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
