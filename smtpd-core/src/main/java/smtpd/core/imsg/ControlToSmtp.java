package smtpd.core.imsg;

/// What control tells smtp.
public sealed interface ControlToSmtp
        permits Verbose, Trace, ControlToSmtp.Pause, ControlToSmtp.OpenSession {
    /// Stops or resumes accepting connections.
    ///
    /// @param on paused or running
    record Pause(boolean on) implements ControlToSmtp {}

    /// A local user's connected socket, to speak SMTP on.
    ///
    /// @param uid the user's id
    /// @param user the user's name
    record OpenSession(int uid, String user) implements ControlToSmtp {}

    /// The wire form.
    Codec<ControlToSmtp> CODEC =
            new Codec<>() {
                @Override
                public int type(ControlToSmtp message) {
                    return switch (message) {
                        case Verbose _ -> 1;
                        case Trace _ -> 2;
                        case Pause _ -> 3;
                        case OpenSession _ -> 4;
                    };
                }

                @Override
                public void write(ControlToSmtp message, FrameOut out) {
                    switch (message) {
                        case Verbose it -> Verbose.write(out, it);
                        case Trace it -> Trace.write(out, it);
                        case Pause it -> {
                            out.bool(it.on());
                        }
                        case OpenSession it -> {
                            out.u32(it.uid());
                            out.text(it.user());
                        }
                    }
                }

                @Override
                public ControlToSmtp read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Verbose.read(in);
                        case 2 -> Trace.read(in);
                        case 3 -> new Pause(in.bool());
                        case 4 -> new OpenSession(in.u32(), in.text());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
