package smtpd.core.imsg;

import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.util.List;

/// What the mta asks and reports.
public sealed interface MtaToQueue {
    /// Asks for a message's content; the answer is a run of chunks with the request's id.
    ///
    /// @param msgid the message
    record OpenBody(MsgId msgid) implements MtaToQueue {}

    /// More content may be sent for an open request.
    ///
    /// @param request the open request's id
    /// @param bytes how many bytes more; 0 or less ends the stream
    record BodyCredit(long request, int bytes) implements MtaToQueue {}

    /// How attempts ended.
    ///
    /// @param results one for each envelope
    record Results(List<DeliveryResult> results) implements MtaToQueue {}

    /// The relay has enough: take these back and keep them parked.
    ///
    /// @param envelopes the envelopes
    /// @param holdq the hold queue
    record Hold(List<EvpId> envelopes, long holdq) implements MtaToQueue {}

    /// The relay has room again.
    ///
    /// @param holdq the hold queue
    /// @param count how many envelopes; 0 for all
    record Release(long holdq, int count) implements MtaToQueue {}

    /// The destination of these takes mail again: they may be tried at once.
    ///
    /// @param envelopes envelopes that were deferred
    record Schedule(List<EvpId> envelopes) implements MtaToQueue {}

    /// The wire form.
    Codec<MtaToQueue> CODEC =
            new Codec<>() {
                @Override
                public int type(MtaToQueue message) {
                    return switch (message) {
                        case OpenBody _ -> 1;
                        case BodyCredit _ -> 2;
                        case Results _ -> 3;
                        case Hold _ -> 4;
                        case Release _ -> 5;
                        case Schedule _ -> 6;
                    };
                }

                @Override
                public void write(MtaToQueue message, FrameOut out) {
                    switch (message) {
                        case OpenBody it -> {
                            Wire.msgid(out, it.msgid());
                        }
                        case BodyCredit it -> {
                            out.i64(it.request());
                            out.u32(it.bytes());
                        }
                        case Results it -> {
                            out.list(it.results(), DeliveryResult::write);
                        }
                        case Hold it -> {
                            out.list(it.envelopes(), Wire::evpid);
                            out.i64(it.holdq());
                        }
                        case Release it -> {
                            out.i64(it.holdq());
                            out.u32(it.count());
                        }
                        case Schedule it -> out.list(it.envelopes(), Wire::evpid);
                    }
                }

                @Override
                public MtaToQueue read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new OpenBody(Wire.msgid(in));
                        case 2 -> new BodyCredit(in.i64(), in.u32());
                        case 3 -> new Results(in.list(DeliveryResult::read));
                        case 4 -> new Hold(in.list(Wire::evpid), in.i64());
                        case 5 -> new Release(in.i64(), in.u32());
                        case 6 -> new Schedule(in.list(Wire::evpid));
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
