package smtpd.core.imsg;

import smtpd.core.mail.MsgId;

/// What control asks the queue.
public sealed interface ControlToQueue
        permits Verbose,
                Trace,
                ControlToQueue.ListEnvelopes,
                ControlToQueue.ShowMessage,
                ControlToQueue.BodyCredit,
                ControlToQueue.Rekey {
    /// Asks for a page of envelopes in the order of their ids.
    ///
    /// @param after the last envelope id already seen; 0 from the start
    /// @param max at most so many
    record ListEnvelopes(long after, int max) implements ControlToQueue {}

    /// Asks for a message's content; the answer is a run of chunks.
    ///
    /// @param msgid the message
    record ShowMessage(MsgId msgid) implements ControlToQueue {}

    /// More content may be sent for an open request.
    ///
    /// @param request the open request's id
    /// @param bytes how many bytes more; 0 or less ends the stream
    record BodyCredit(long request, int bytes) implements ControlToQueue {}

    /// Asks to wrap the keys of all sealed messages with the current key; answered by [Done], whose
    /// text says how many.
    record Rekey() implements ControlToQueue {}

    /// The wire form.
    Codec<ControlToQueue> CODEC =
            new Codec<>() {
                @Override
                public int type(ControlToQueue message) {
                    return switch (message) {
                        case Verbose _ -> 1;
                        case Trace _ -> 2;
                        case ListEnvelopes _ -> 3;
                        case ShowMessage _ -> 4;
                        case BodyCredit _ -> 5;
                        case Rekey _ -> 6;
                    };
                }

                @Override
                public void write(ControlToQueue message, FrameOut out) {
                    switch (message) {
                        case Verbose it -> Verbose.write(out, it);
                        case Trace it -> Trace.write(out, it);
                        case ListEnvelopes it -> {
                            out.i64(it.after());
                            out.u32(it.max());
                        }
                        case ShowMessage it -> {
                            Wire.msgid(out, it.msgid());
                        }
                        case Rekey _ -> {}
                        case BodyCredit it -> {
                            out.i64(it.request());
                            out.u32(it.bytes());
                        }
                    }
                }

                @Override
                public ControlToQueue read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Verbose.read(in);
                        case 2 -> Trace.read(in);
                        case 3 -> new ListEnvelopes(in.i64(), in.u32());
                        case 4 -> new ShowMessage(Wire.msgid(in));
                        case 5 -> new BodyCredit(in.i64(), in.u32());
                        case 6 -> new Rekey();
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
