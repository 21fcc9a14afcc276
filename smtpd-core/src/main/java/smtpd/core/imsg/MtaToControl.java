package smtpd.core.imsg;

/// What the mta answers control, and what it has control keep.
public sealed interface MtaToControl
        permits Stats,
                Lines,
                Done,
                RouteSummary,
                MtaToControl.KeepPolicy,
                MtaToControl.LoadPolicies {
    /// Has a policy kept; instead of an older one of its domain.
    ///
    /// @param policy which
    record KeepPolicy(KeptPolicy policy) implements MtaToControl {}

    /// Asks for the policies kept.
    record LoadPolicies() implements MtaToControl {}

    /// The wire form.
    Codec<MtaToControl> CODEC =
            new Codec<>() {
                @Override
                public int type(MtaToControl message) {
                    return switch (message) {
                        case Stats _ -> 1;
                        case Lines _ -> 2;
                        case Done _ -> 3;
                        case KeepPolicy _ -> 4;
                        case LoadPolicies _ -> 5;
                        case RouteSummary _ -> 6;
                    };
                }

                @Override
                public void write(MtaToControl message, FrameOut out) {
                    switch (message) {
                        case Stats it -> Stats.write(out, it);
                        case Lines it -> Lines.write(out, it);
                        case Done it -> Done.write(out, it);
                        case KeepPolicy it -> KeptPolicy.write(out, it.policy());
                        case LoadPolicies _ -> {}
                        case RouteSummary it -> RouteSummary.write(out, it);
                    }
                }

                @Override
                public MtaToControl read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Stats.read(in);
                        case 2 -> Lines.read(in);
                        case 3 -> Done.read(in);
                        case 4 -> new KeepPolicy(KeptPolicy.read(in));
                        case 5 -> new LoadPolicies();
                        case 6 -> RouteSummary.read(in);
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
