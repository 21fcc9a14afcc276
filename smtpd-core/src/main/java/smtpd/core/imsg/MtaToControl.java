package smtpd.core.imsg;

/// What the mta answers control.
public sealed interface MtaToControl permits Stats, Lines, Done {
    /// The wire form.
    Codec<MtaToControl> CODEC =
            new Codec<>() {
                @Override
                public int type(MtaToControl message) {
                    return switch (message) {
                        case Stats _ -> 1;
                        case Lines _ -> 2;
                        case Done _ -> 3;
                    };
                }

                @Override
                public void write(MtaToControl message, FrameOut out) {
                    switch (message) {
                        case Stats it -> Stats.write(out, it);
                        case Lines it -> Lines.write(out, it);
                        case Done it -> Done.write(out, it);
                    }
                }

                @Override
                public MtaToControl read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Stats.read(in);
                        case 2 -> Lines.read(in);
                        case 3 -> Done.read(in);
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
