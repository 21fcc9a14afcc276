package smtpd.core.imsg;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.util.List;

/// What lka tells the queue: the envelopes of a recipient, and what became of a report's recipient.
public sealed interface LkaToQueue {
    /// Asks to add envelopes to an uncommitted message.
    ///
    /// @param msgid the message
    /// @param envelopes the envelopes; the lower halves of their ids are replaced
    record AddEnvelopes(MsgId msgid, List<Envelope> envelopes) implements LkaToQueue {}

    /// The report's recipient is accepted and its envelopes were added.
    ///
    /// @param envelopes the ids they were given
    record ReportExpanded(List<EvpId> envelopes) implements LkaToQueue {}

    /// The report's recipient is refused, for now or for good.
    ///
    /// @param code the reply code: 4xx for now, 5xx for good
    /// @param text why
    record ReportRefused(int code, String text) implements LkaToQueue {}

    /// The wire form.
    Codec<LkaToQueue> CODEC =
            new Codec<>() {
                @Override
                public int type(LkaToQueue message) {
                    return switch (message) {
                        case AddEnvelopes _ -> 1;
                        case ReportExpanded _ -> 2;
                        case ReportRefused _ -> 3;
                    };
                }

                @Override
                public void write(LkaToQueue message, FrameOut out) {
                    switch (message) {
                        case AddEnvelopes it -> {
                            Wire.msgid(out, it.msgid());
                            out.list(it.envelopes(), Wire::envelope);
                        }
                        case ReportExpanded it -> {
                            out.list(it.envelopes(), Wire::evpid);
                        }
                        case ReportRefused it -> {
                            out.u32(it.code());
                            out.text(it.text());
                        }
                    }
                }

                @Override
                public LkaToQueue read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new AddEnvelopes(Wire.msgid(in), in.list(Wire::envelope));
                        case 2 -> new ReportExpanded(in.list(Wire::evpid));
                        case 3 -> new ReportRefused(in.u32(), in.text());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
