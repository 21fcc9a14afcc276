package smtpd.core.imsg;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.MsgId;

import java.util.List;

/// What the queue hands the mta, and the content it asked for.
public sealed interface QueueToMta permits QueueToMta.Transfer, BodyChunk, BodyFailed {
    /// All due envelopes of one message, as many as go out at once.
    ///
    /// @param msgid the message
    /// @param size length of its content in bytes
    /// @param envelopes the envelopes
    record Transfer(MsgId msgid, long size, List<Envelope> envelopes) implements QueueToMta {}

    /// The wire form.
    Codec<QueueToMta> CODEC =
            new Codec<>() {
                @Override
                public int type(QueueToMta message) {
                    return switch (message) {
                        case Transfer _ -> 1;
                        case BodyChunk _ -> 2;
                        case BodyFailed _ -> 3;
                    };
                }

                @Override
                public void write(QueueToMta message, FrameOut out) {
                    switch (message) {
                        case Transfer it -> {
                            Wire.msgid(out, it.msgid());
                            out.i64(it.size());
                            out.list(it.envelopes(), Wire::envelope);
                        }
                        case BodyChunk it -> BodyChunk.write(out, it);
                        case BodyFailed it -> BodyFailed.write(out, it);
                    }
                }

                @Override
                public QueueToMta read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new Transfer(Wire.msgid(in), in.i64(), in.list(Wire::envelope));
                        case 2 -> BodyChunk.read(in);
                        case 3 -> BodyFailed.read(in);
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
