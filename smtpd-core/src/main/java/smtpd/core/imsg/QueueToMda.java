package smtpd.core.imsg;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.MsgId;

import java.util.List;

/// What the queue hands the mda, and the content it asked for.
public sealed interface QueueToMda permits QueueToMda.Deliver, BodyChunk, BodyFailed {
    /// All due envelopes of one message for one user.
    ///
    /// @param msgid the message
    /// @param size length of its content in bytes
    /// @param envelopes the envelopes
    record Deliver(MsgId msgid, long size, List<Envelope> envelopes) implements QueueToMda {}

    /// The wire form.
    Codec<QueueToMda> CODEC =
            new Codec<>() {
                @Override
                public int type(QueueToMda message) {
                    return switch (message) {
                        case Deliver _ -> 1;
                        case BodyChunk _ -> 2;
                        case BodyFailed _ -> 3;
                    };
                }

                @Override
                public void write(QueueToMda message, FrameOut out) {
                    switch (message) {
                        case Deliver it -> {
                            Wire.msgid(out, it.msgid());
                            out.i64(it.size());
                            out.list(it.envelopes(), Wire::envelope);
                        }
                        case BodyChunk it -> BodyChunk.write(out, it);
                        case BodyFailed it -> BodyFailed.write(out, it);
                    }
                }

                @Override
                public QueueToMda read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new Deliver(Wire.msgid(in), in.i64(), in.list(Wire::envelope));
                        case 2 -> BodyChunk.read(in);
                        case 3 -> BodyFailed.read(in);
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
