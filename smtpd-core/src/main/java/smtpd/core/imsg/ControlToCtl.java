package smtpd.core.imsg;

import smtpd.core.mail.Bytes;

/// What control answers over its socket.
public sealed interface ControlToCtl
        permits Lines,
                Done,
                ControlToCtl.Opened,
                ControlToCtl.Content,
                ControlToCtl.Count,
                ControlToCtl.NotNow {
    /// The connection is an SMTP session from now on: the next octets are the server's greeting.
    record Opened() implements ControlToCtl {}

    /// Part of an answer as it is, not in lines.
    ///
    /// @param bytes the next bytes
    record Content(Bytes bytes) implements ControlToCtl {}

    /// The end of an answer: how many envelopes a command reached.
    ///
    /// @param count the number
    record Count(int count) implements ControlToCtl {}

    /// The end of an answer: a process that is needed for it is not there now.
    ///
    /// @param text which, and why
    record NotNow(String text) implements ControlToCtl {}

    /// The wire form.
    Codec<ControlToCtl> CODEC =
            new Codec<>() {
                @Override
                public int type(ControlToCtl message) {
                    return switch (message) {
                        case Lines _ -> 1;
                        case Done _ -> 2;
                        case Opened _ -> 3;
                        case Content _ -> 4;
                        case Count _ -> 5;
                        case NotNow _ -> 6;
                    };
                }

                @Override
                public void write(ControlToCtl message, FrameOut out) {
                    switch (message) {
                        case Lines it -> Lines.write(out, it);
                        case Done it -> Done.write(out, it);
                        case Opened _ -> {}
                        case Content it -> out.bytes(it.bytes());
                        case Count it -> out.u32(it.count());
                        case NotNow it -> out.text(it.text());
                    }
                }

                @Override
                public ControlToCtl read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Lines.read(in);
                        case 2 -> Done.read(in);
                        case 3 -> new Opened();
                        case 4 -> new Content(in.bytes());
                        case 5 -> new Count(in.u32());
                        case 6 -> new NotNow(in.text());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
