package smtpd.core.imsg;

/// What control asks the mta.
public sealed interface ControlToMta
        permits Verbose, Trace, ControlToMta.Show, ControlToMta.ResumeRoute {
    /// Asks for a listing.
    ///
    /// @param what which
    record Show(MtaListing what) implements ControlToMta {}

    /// Clears the penalty of a route.
    ///
    /// @param route the route's id as listed
    record ResumeRoute(long route) implements ControlToMta {}

    /// The wire form.
    Codec<ControlToMta> CODEC =
            new Codec<>() {
                @Override
                public int type(ControlToMta message) {
                    return switch (message) {
                        case Verbose _ -> 1;
                        case Trace _ -> 2;
                        case Show _ -> 3;
                        case ResumeRoute _ -> 4;
                    };
                }

                @Override
                public void write(ControlToMta message, FrameOut out) {
                    switch (message) {
                        case Verbose it -> Verbose.write(out, it);
                        case Trace it -> Trace.write(out, it);
                        case Show it -> {
                            out.choice(it.what());
                        }
                        case ResumeRoute it -> {
                            out.i64(it.route());
                        }
                    }
                }

                @Override
                public ControlToMta read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Verbose.read(in);
                        case 2 -> Trace.read(in);
                        case 3 -> new Show(in.choice(MtaListing.values()));
                        case 4 -> new ResumeRoute(in.i64());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
