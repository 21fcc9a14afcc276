package smtpd.core.imsg;

/// What lka tells control.
public sealed interface LkaToControl permits Stats, Done {
    /// The wire form.
    Codec<LkaToControl> CODEC =
            new Codec<>() {
                @Override
                public int type(LkaToControl message) {
                    return switch (message) {
                        case Stats _ -> 1;
                        case Done _ -> 2;
                    };
                }

                @Override
                public void write(LkaToControl message, FrameOut out) {
                    switch (message) {
                        case Stats it -> Stats.write(out, it);
                        case Done it -> Done.write(out, it);
                    }
                }

                @Override
                public LkaToControl read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Stats.read(in);
                        case 2 -> Done.read(in);
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
