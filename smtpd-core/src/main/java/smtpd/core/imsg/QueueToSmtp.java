package smtpd.core.imsg;

import smtpd.core.mail.MsgId;

/// What the queue answers smtp.
public sealed interface QueueToSmtp {
    /// A new message.
    ///
    /// @param msgid its id
    record MessageCreated(MsgId msgid) implements QueueToSmtp {}

    /// No new message now.
    ///
    /// @param trouble what keeps it
    /// @param reason why, for the log
    record NotCreated(StoreTrouble trouble, String reason) implements QueueToSmtp {}

    /// More content may be sent.
    ///
    /// @param msgid the message
    /// @param bytes how many bytes more
    record BodyCredit(MsgId msgid, int bytes) implements QueueToSmtp {}

    /// The message and its envelopes are on stable storage.
    ///
    /// @param msgid the message
    record Committed(MsgId msgid) implements QueueToSmtp {}

    /// The message is not accepted; nothing of it remains.
    ///
    /// @param msgid the message
    /// @param trouble what kept it
    /// @param reason why, for the log
    record CommitFailed(MsgId msgid, StoreTrouble trouble, String reason) implements QueueToSmtp {}

    /// The wire form.
    Codec<QueueToSmtp> CODEC =
            new Codec<>() {
                @Override
                public int type(QueueToSmtp message) {
                    return switch (message) {
                        case MessageCreated _ -> 1;
                        case NotCreated _ -> 2;
                        case BodyCredit _ -> 3;
                        case Committed _ -> 4;
                        case CommitFailed _ -> 5;
                    };
                }

                @Override
                public void write(QueueToSmtp message, FrameOut out) {
                    switch (message) {
                        case MessageCreated it -> {
                            Wire.msgid(out, it.msgid());
                        }
                        case NotCreated it -> {
                            out.choice(it.trouble());
                            out.text(it.reason());
                        }
                        case BodyCredit it -> {
                            Wire.msgid(out, it.msgid());
                            out.u32(it.bytes());
                        }
                        case Committed it -> {
                            Wire.msgid(out, it.msgid());
                        }
                        case CommitFailed it -> {
                            Wire.msgid(out, it.msgid());
                            out.choice(it.trouble());
                            out.text(it.reason());
                        }
                    }
                }

                @Override
                public QueueToSmtp read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new MessageCreated(Wire.msgid(in));
                        case 2 -> new NotCreated(in.choice(StoreTrouble.values()), in.text());
                        case 3 -> new BodyCredit(Wire.msgid(in), in.u32());
                        case 4 -> new Committed(Wire.msgid(in));
                        case 5 ->
                                new CommitFailed(
                                        Wire.msgid(in),
                                        in.choice(StoreTrouble.values()),
                                        in.text());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
