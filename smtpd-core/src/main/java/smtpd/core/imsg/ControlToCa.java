package smtpd.core.imsg;

/// What control tells ca.
public sealed interface ControlToCa permits Verbose, Trace {
    /// The wire form.
    Codec<ControlToCa> CODEC =
            new Codec<>() {
                @Override
                public int type(ControlToCa message) {
                    return switch (message) {
                        case Verbose _ -> 1;
                        case Trace _ -> 2;
                    };
                }

                @Override
                public void write(ControlToCa message, FrameOut out) {
                    switch (message) {
                        case Verbose it -> Verbose.write(out, it);
                        case Trace it -> Trace.write(out, it);
                    }
                }

                @Override
                public ControlToCa read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Verbose.read(in);
                        case 2 -> Trace.read(in);
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
