package smtpd.core.imsg;

import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.time.Instant;
import java.util.List;

/// What the queue tells the scheduler: changesets, and how attempts ended.
public sealed interface QueueToScheduler {
    /// Adds an envelope to its message's changeset, invisible until the commit.
    ///
    /// @param entry the envelope
    record Submit(ScheduleEntry entry) implements QueueToScheduler {}

    /// Makes the message's changeset visible, as one.
    ///
    /// @param msgid the message
    record CommitMessage(MsgId msgid) implements QueueToScheduler {}

    /// Drops the message's changeset.
    ///
    /// @param msgid the message
    record RollbackMessage(MsgId msgid) implements QueueToScheduler {}

    /// The envelope is gone: delivered, bounced or removed.
    ///
    /// @param id the envelope
    record Delivered(EvpId id) implements QueueToScheduler {}

    /// The attempt failed for now.
    ///
    /// @param id the envelope
    /// @param retry how many attempts have failed so far
    /// @param lastTry when it ended
    record Deferred(EvpId id, int retry, Instant lastTry) implements QueueToScheduler {}

    /// The attempt never happened or never reported: the deliverer died.
    ///
    /// @param id the envelope
    record Returned(EvpId id) implements QueueToScheduler {}

    /// The destination is saturated: park the envelope.
    ///
    /// @param id the envelope
    /// @param holdq the hold queue
    record Hold(EvpId id, long holdq) implements QueueToScheduler {}

    /// The destination has room again.
    ///
    /// @param type whose hold queue
    /// @param holdq the hold queue; 0 for all of the type, when the deliverer has died
    /// @param count how many envelopes; 0 for all
    record Release(DeliveryType type, long holdq, int count) implements QueueToScheduler {}

    /// The next envelopes of the queue in the order of their ids, for a scheduler that compares;
    /// the next ones come when it asks for [SchedulerToQueue.More].
    ///
    /// @param entries the envelopes
    /// @param inHand others between them that are in somebody's hands, or have just left: what
    ///   becomes of these is told otherwise
    record Found(List<ScheduleEntry> entries, List<EvpId> inHand) implements QueueToScheduler {}

    /// A [SchedulerToQueue.Suspend] or [SchedulerToQueue.Extend] has been taken in.
    record Remembered() implements QueueToScheduler {}

    /// All envelopes found at the start have been submitted.
    record Loaded() implements QueueToScheduler {}

    /// The destination takes mail again: the envelope is due now.
    ///
    /// @param id the envelope
    record Schedule(EvpId id) implements QueueToScheduler {}

    /// The wire form.
    Codec<QueueToScheduler> CODEC =
            new Codec<>() {
                @Override
                public int type(QueueToScheduler message) {
                    return switch (message) {
                        case Submit _ -> 1;
                        case CommitMessage _ -> 2;
                        case RollbackMessage _ -> 3;
                        case Delivered _ -> 4;
                        case Deferred _ -> 5;
                        case Returned _ -> 6;
                        case Hold _ -> 7;
                        case Release _ -> 8;
                        case Loaded _ -> 9;
                        case Schedule _ -> 10;
                        case Found _ -> 11;
                        case Remembered _ -> 12;
                    };
                }

                @Override
                public void write(QueueToScheduler message, FrameOut out) {
                    switch (message) {
                        case Submit it -> {
                            ScheduleEntry.write(out, it.entry());
                        }
                        case CommitMessage it -> {
                            Wire.msgid(out, it.msgid());
                        }
                        case RollbackMessage it -> {
                            Wire.msgid(out, it.msgid());
                        }
                        case Delivered it -> {
                            Wire.evpid(out, it.id());
                        }
                        case Deferred it -> {
                            Wire.evpid(out, it.id());
                            out.u32(it.retry());
                            out.instant(it.lastTry());
                        }
                        case Returned it -> {
                            Wire.evpid(out, it.id());
                        }
                        case Hold it -> {
                            Wire.evpid(out, it.id());
                            out.i64(it.holdq());
                        }
                        case Release it -> {
                            out.choice(it.type());
                            out.i64(it.holdq());
                            out.u32(it.count());
                        }
                        case Loaded _ -> {}
                        case Schedule it -> Wire.evpid(out, it.id());
                        case Found it -> {
                            out.list(it.entries(), ScheduleEntry::write);
                            out.list(it.inHand(), Wire::evpid);
                        }
                        case Remembered _ -> {}
                    }
                }

                @Override
                public QueueToScheduler read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new Submit(ScheduleEntry.read(in));
                        case 2 -> new CommitMessage(Wire.msgid(in));
                        case 3 -> new RollbackMessage(Wire.msgid(in));
                        case 4 -> new Delivered(Wire.evpid(in));
                        case 5 -> new Deferred(Wire.evpid(in), in.u32(), in.instant());
                        case 6 -> new Returned(Wire.evpid(in));
                        case 7 -> new Hold(Wire.evpid(in), in.i64());
                        case 8 -> new Release(in.choice(DeliveryType.values()), in.i64(), in.u32());
                        case 9 -> new Loaded();
                        case 10 -> new Schedule(Wire.evpid(in));
                        case 11 -> new Found(in.list(ScheduleEntry::read), in.list(Wire::evpid));
                        case 12 -> new Remembered();
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
