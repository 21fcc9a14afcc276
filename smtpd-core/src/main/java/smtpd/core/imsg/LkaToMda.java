package smtpd.core.imsg;

/// What lka answers the mda.
public sealed interface LkaToMda {
    /// The user.
    ///
    /// @param user who it is
    record UserFound(UserRecord user) implements LkaToMda {}

    /// There is no such user.
    record UserUnknown() implements LkaToMda {}

    /// The userbase cannot answer now.
    ///
    /// @param reason why
    record UserTempfail(String reason) implements LkaToMda {}

    /// The wire form.
    Codec<LkaToMda> CODEC =
            new Codec<>() {
                @Override
                public int type(LkaToMda message) {
                    return switch (message) {
                        case UserFound _ -> 1;
                        case UserUnknown _ -> 2;
                        case UserTempfail _ -> 3;
                    };
                }

                @Override
                public void write(LkaToMda message, FrameOut out) {
                    switch (message) {
                        case UserFound it -> {
                            UserRecord.write(out, it.user());
                        }
                        case UserUnknown _ -> {}
                        case UserTempfail it -> {
                            out.text(it.reason());
                        }
                    }
                }

                @Override
                public LkaToMda read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new UserFound(UserRecord.read(in));
                        case 2 -> new UserUnknown();
                        case 3 -> new UserTempfail(in.text());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
