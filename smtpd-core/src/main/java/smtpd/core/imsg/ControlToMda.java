package smtpd.core.imsg;

/// What control tells the mda.
public sealed interface ControlToMda permits Verbose, Trace {
    /// The wire form.
    Codec<ControlToMda> CODEC =
            new Codec<>() {
                @Override
                public int type(ControlToMda message) {
                    return switch (message) {
                        case Verbose _ -> 1;
                        case Trace _ -> 2;
                    };
                }

                @Override
                public void write(ControlToMda message, FrameOut out) {
                    switch (message) {
                        case Verbose it -> Verbose.write(out, it);
                        case Trace it -> Trace.write(out, it);
                    }
                }

                @Override
                public ControlToMda read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Verbose.read(in);
                        case 2 -> Trace.read(in);
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
