package smtpd.core.imsg;

/// What ca tells control.
public sealed interface CaToControl permits Stats {
    /// The wire form.
    Codec<CaToControl> CODEC =
            new Codec<>() {
                @Override
                public int type(CaToControl message) {
                    return switch (message) {
                        case Stats _ -> 1;
                    };
                }

                @Override
                public void write(CaToControl message, FrameOut out) {
                    switch (message) {
                        case Stats it -> Stats.write(out, it);
                    }
                }

                @Override
                public CaToControl read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Stats.read(in);
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
