package smtpd.scheduler;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;

/// Loads a million envelopes and prints what each takes: bytes of heap, and nanoseconds to load, to
/// defer and to deliver.
final class RunQueueBench {
    private static final int ENVELOPES = 1_000_000;
    private static final int DESTINATIONS = 10_000;
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00Z");

    private RunQueueBench() {}

    /// Runs it twice: envelopes of their own message, and ten in each.
    public static void main(String[] args) {
        run(System.out, 10);
        run(System.out, 1);
        run(System.out, 10);
    }

    private static void run(PrintStream out, int recipients) {
        long empty = heap();
        RunQueue queue = new RamRunQueue(Limits.Scheduler.DEFAULT, new Random(1));
        long start = System.nanoTime();
        for (int i = 0; i < ENVELOPES; i++) {
            MsgId msgid = new MsgId(1 + i / recipients);
            queue.submit(entry(msgid, i, recipients));
            if (i % recipients == recipients - 1) {
                queue.commit(msgid, T0);
            }
        }
        queue.loaded();
        long loaded = System.nanoTime();
        out.printf("%d recipients a message:%n", recipients);
        out.printf("  load     %6d ns an envelope%n", (loaded - start) / ENVELOPES);
        out.printf("  heap     %6d bytes an envelope%n", (heap() - empty) / ENVELOPES);
        long begin = System.nanoTime();
        drain(queue, T0.plus(Duration.ofHours(1)), false);
        out.printf("  defer    %6d ns an envelope%n", (System.nanoTime() - begin) / ENVELOPES);
        begin = System.nanoTime();
        drain(queue, T0.plus(Duration.ofHours(9)), true);
        out.printf("  deliver  %6d ns an envelope%n", (System.nanoTime() - begin) / ENVELOPES);
        out.printf("  left     %6d envelopes%n", queue.census().envelopes());
    }

    private static ScheduleEntry entry(MsgId msgid, int i, int recipients) {
        return new ScheduleEntry(
                msgid.envelope(1 + i % recipients),
                DeliveryType.MTA,
                "relay|d" + i % DESTINATIONS + ".example.org",
                T0.minusSeconds(7200),
                Duration.ofDays(4),
                2,
                T0.minusSeconds(3600),
                false);
    }

    private static void drain(RunQueue queue, Instant now, boolean delivered) {
        List<SchedulerToQueue> work = queue.work(now);
        while (!work.isEmpty()) {
            for (SchedulerToQueue batch : work) {
                for (EvpId id : ((SchedulerToQueue.Deliver) batch).envelopes()) {
                    if (delivered) {
                        queue.delivered(id);
                    } else {
                        queue.deferred(id, now, now);
                    }
                }
            }
            work = queue.work(now);
        }
    }

    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
