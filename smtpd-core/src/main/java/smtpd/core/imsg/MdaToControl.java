package smtpd.core.imsg;

/// What the mda tells control.
public sealed interface MdaToControl permits Stats {
    /// The wire form.
    Codec<MdaToControl> CODEC =
            new Codec<>() {
                @Override
                public int type(MdaToControl message) {
                    return switch (message) {
                        case Stats _ -> 1;
                    };
                }

                @Override
                public void write(MdaToControl message, FrameOut out) {
                    switch (message) {
                        case Stats it -> Stats.write(out, it);
                    }
                }

                @Override
                public MdaToControl read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Stats.read(in);
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
