package smtpd.core.imsg;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;

/// What smtp asks and tells the queue about messages being received.
public sealed interface SmtpToQueue {
    /// Asks for a new message.
    record CreateMessage() implements SmtpToQueue {}

    /// The next piece of the content, exactly as it is to be kept.
    ///
    /// @param msgid the message
    /// @param bytes 1 to 65,536 bytes
    record BodyPart(MsgId msgid, Bytes bytes) implements SmtpToQueue {}

    /// Asks to make the message and its envelopes durable.
    ///
    /// @param msgid the message
    /// @param size length of the whole content in bytes
    /// @param checksum CRC-32C of the whole content
    record Commit(MsgId msgid, long size, int checksum) implements SmtpToQueue {}

    /// Forgets an uncommitted message.
    ///
    /// @param msgid the message
    record Rollback(MsgId msgid) implements SmtpToQueue {}

    /// The wire form.
    Codec<SmtpToQueue> CODEC =
            new Codec<>() {
                @Override
                public int type(SmtpToQueue message) {
                    return switch (message) {
                        case CreateMessage _ -> 1;
                        case BodyPart _ -> 2;
                        case Commit _ -> 3;
                        case Rollback _ -> 4;
                    };
                }

                @Override
                public void write(SmtpToQueue message, FrameOut out) {
                    switch (message) {
                        case CreateMessage _ -> {}
                        case BodyPart it -> {
                            Wire.msgid(out, it.msgid());
                            out.bytes(it.bytes());
                        }
                        case Commit it -> {
                            Wire.msgid(out, it.msgid());
                            out.i64(it.size());
                            out.u32(it.checksum());
                        }
                        case Rollback it -> {
                            Wire.msgid(out, it.msgid());
                        }
                    }
                }

                @Override
                public SmtpToQueue read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new CreateMessage();
                        case 2 -> new BodyPart(Wire.msgid(in), in.bytes());
                        case 3 -> new Commit(Wire.msgid(in), in.i64(), in.u32());
                        case 4 -> new Rollback(Wire.msgid(in));
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
