package smtpd.core.imsg;

import java.util.List;

/// What control asks the mta.
public sealed interface ControlToMta
        permits Verbose,
                Trace,
                ControlToMta.Show,
                ControlToMta.ResumeRoute,
                ControlToMta.Policies,
                ControlToMta.Block,
                ControlToMta.Summarize {
    /// Asks for a listing.
    ///
    /// @param what which
    record Show(MtaListing what) implements ControlToMta {}

    /// Clears the penalty of a route.
    ///
    /// @param route the route's id as listed
    record ResumeRoute(long route) implements ControlToMta {}

    /// The policies kept; an answer.
    ///
    /// @param policies those that have not ended
    record Policies(List<KeptPolicy> policies) implements ControlToMta {
        public Policies {
            policies = List.copyOf(policies);
        }
    }

    /// Stops or resumes deliveries from one source address towards a domain.
    ///
    /// @param source the literal address
    /// @param domain the domain, or `*` for all
    /// @param on stopped or resumed
    record Block(String source, String domain, boolean on) implements ControlToMta {}

    /// Asks for a [RouteSummary].
    ///
    /// @param routes at most so many are listed
    record Summarize(int routes) implements ControlToMta {}

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
                        case Policies _ -> 5;
                        case Block _ -> 6;
                        case Summarize _ -> 7;
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
                        case Policies it -> out.list(it.policies(), KeptPolicy::write);
                        case Block it -> out.text(it.source()).text(it.domain()).bool(it.on());
                        case Summarize it -> out.u32(it.routes());
                    }
                }

                @Override
                public ControlToMta read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Verbose.read(in);
                        case 2 -> Trace.read(in);
                        case 3 -> new Show(in.choice(MtaListing.values()));
                        case 4 -> new ResumeRoute(in.i64());
                        case 5 -> new Policies(in.list(KeptPolicy::read));
                        case 6 -> new Block(in.text(), in.text(), in.bool());
                        case 7 -> new Summarize(in.u32());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
