package smtpd.core.imsg;

import smtpd.core.mail.EvpId;

import java.util.List;

/// What the queue answers lka, and the recipients of its own reports.
public sealed interface QueueToLka {
    /// The envelopes wait for the message's commit.
    ///
    /// @param envelopes their ids, in the order given
    record EnvelopesAdded(List<EvpId> envelopes) implements QueueToLka {}

    /// The message is unknown or has too many envelopes.
    ///
    /// @param reason why
    record EnvelopesRefused(String reason) implements QueueToLka {}

    /// Asks the ruleset about the recipient of a report of ours.
    ///
    /// @param query the recipient; the sender is the null sender
    record ExpandReport(RcptQuery query) implements QueueToLka {}

    /// The wire form.
    Codec<QueueToLka> CODEC =
            new Codec<>() {
                @Override
                public int type(QueueToLka message) {
                    return switch (message) {
                        case EnvelopesAdded _ -> 1;
                        case EnvelopesRefused _ -> 2;
                        case ExpandReport _ -> 3;
                    };
                }

                @Override
                public void write(QueueToLka message, FrameOut out) {
                    switch (message) {
                        case EnvelopesAdded it -> {
                            out.list(it.envelopes(), Wire::evpid);
                        }
                        case EnvelopesRefused it -> {
                            out.text(it.reason());
                        }
                        case ExpandReport it -> {
                            RcptQuery.write(out, it.query());
                        }
                    }
                }

                @Override
                public QueueToLka read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new EnvelopesAdded(in.list(Wire::evpid));
                        case 2 -> new EnvelopesRefused(in.text());
                        case 3 -> new ExpandReport(RcptQuery.read(in));
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
