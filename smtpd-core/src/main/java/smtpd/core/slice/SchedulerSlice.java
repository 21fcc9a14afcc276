package smtpd.core.slice;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Secret;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/// What the scheduler may know: its limits, nothing of the mail.
///
/// @param limits limits
/// @param paused `mta` and `mda` when their deliveries start paused
/// @param directory where it keeps its index; empty where that is in memory
/// @param indexKey what names in the index are sealed with, 64 hexadecimal digits; empty when the
///   queue is in the clear
public record SchedulerSlice(
        Limits.Scheduler limits, List<String> paused, String directory, Secret indexKey) {
    /// The wire form.
    public Bytes encode() {
        FrameOut out = new FrameOut(1024);
        out.u32(limits.maxInflight())
                .u32(limits.maxEvpBatchSize())
                .u32(limits.maxMsgBatchSize())
                .u32(limits.maxSchedule())
                .u32(limits.retry().mta())
                .u32(limits.retry().mda())
                .u32(limits.retry().bounce());
        Limits.Pauses pauses = limits.retry().pauses();
        delays(out, pauses.all());
        ConfWire.map(out, pauses.domains(), SchedulerSlice::delays);
        ConfWire.map(out, pauses.actions(), SchedulerSlice::delays);
        out.texts(paused).text(directory).text(indexKey.text());
        return Bytes.of(out.toByteArray());
    }

    /// Reads the wire form; throws [smtpd.core.imsg.ImsgViolation] when it is not one.
    public static SchedulerSlice decode(Bytes bytes) {
        FrameIn in = new FrameIn(ByteBuffer.wrap(bytes.toByteArray()));
        SchedulerSlice slice =
                new SchedulerSlice(
                        new Limits.Scheduler(
                                in.u32(),
                                in.u32(),
                                in.u32(),
                                in.u32(),
                                new Limits.Retry(
                                        in.u32(),
                                        in.u32(),
                                        in.u32(),
                                        new Limits.Pauses(
                                                delays(in),
                                                ConfWire.map(in, SchedulerSlice::delays),
                                                ConfWire.map(in, SchedulerSlice::delays)))),
                        in.texts(),
                        in.text(),
                        new Secret(in.text()));
        in.end();
        return slice;
    }

    private static void delays(FrameOut out, List<Duration> delays) {
        out.list(delays, FrameOut::duration);
    }

    private static List<Duration> delays(FrameIn in) {
        return in.list(FrameIn::duration);
    }
}
