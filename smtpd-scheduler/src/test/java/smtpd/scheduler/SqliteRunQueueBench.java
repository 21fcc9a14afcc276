package smtpd.scheduler;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A queue of any length on disk: how fast it is built from the queue's word, opened again,
/// compared and worked on, and how much heap that takes. Arguments: how many envelopes, and a
/// directory; what was built there before is opened.
final class SqliteRunQueueBench {
    private static final int STEP = 1000;
    private static final int DESTINATIONS = 10_000;
    private static final int WORKED_ON = 50_000;
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00Z");

    private final PrintStream out = System.out;
    private final int envelopes;
    private final Path directory;
    private long began;

    private SqliteRunQueueBench(int envelopes, Path directory) {
        this.envelopes = envelopes;
        this.directory = directory;
    }

    public static void main(String[] args) throws IOException {
        Path directory = Files.createDirectories(Path.of(args[1]));
        new SqliteRunQueueBench(Integer.parseInt(args[0]), directory).run();
    }

    private void run() throws IOException {
        SqliteRunQueue queue;
        if (!Files.exists(directory.resolve(ShelfFile.NAME))) {
            begin();
            queue = open();
            load(queue, T0);
            rate("built from the queue's word", envelopes);
            begin();
            queue.close();
            took("closed");
        }
        out.printf("%-32s %8d MB%n", "file", size() >> 20);
        Instant later = T0.plus(Duration.ofHours(2));
        begin();
        queue = open();
        took("opened");
        begin();
        int first = queue.work(later).size();
        took("first " + first + " batches");
        begin();
        load(queue, later);
        rate("compared with the queue", envelopes);
        begin();
        Instant day = later.plus(Duration.ofHours(24));
        rate("handed out and deferred", drain(queue, day, false));
        begin();
        rate("handed out and delivered", drain(queue, day.plus(Duration.ofHours(24)), true));
        out.printf("%-32s %8d of %d%n", "in memory", queue.inMemory(), queue.census().envelopes());
        queue.close();
    }

    private SqliteRunQueue open() throws IOException {
        return new SqliteRunQueue(
                Limits.Scheduler.DEFAULT,
                new Random(1),
                ShelfFile.open(directory, ShelfNames.CLEAR, out::println),
                Capacity.DEFAULT);
    }

    private void load(SqliteRunQueue queue, Instant now) {
        List<ScheduleEntry> step = new ArrayList<>(STEP);
        for (int i = 0; i < envelopes; i++) {
            step.add(entry(i));
            if (step.size() == STEP) {
                queue.found(step, List.of(), now);
                step.clear();
                saveSometimes(queue, i);
            }
        }
        queue.found(step, List.of(), now);
        queue.loaded();
        while (queue.forgetsMore()) {
            queue.work(now);
        }
        queue.save();
    }

    private static void saveSometimes(SqliteRunQueue queue, int i) {
        if (i % (20 * STEP) == 20 * STEP - 1) {
            queue.save();
        }
    }

    /// Each of its own message, tried a few times in the last two days.
    private static ScheduleEntry entry(int i) {
        Random random = new Random(i);
        return new ScheduleEntry(
                new MsgId(i + 1).envelope(1 + random.nextInt(Integer.MAX_VALUE)),
                DeliveryType.MTA,
                "d" + random.nextInt(DESTINATIONS) + ".example.org",
                T0.minusSeconds(10_000 + random.nextInt(160_000)),
                Duration.ofDays(6),
                3,
                T0.minusSeconds(random.nextInt(10_000)),
                false);
    }

    private static int drain(SqliteRunQueue queue, Instant start, boolean delivered) {
        int count = 0;
        Instant now = start;
        while (count < WORKED_ON) {
            List<SchedulerToQueue> work = queue.work(now);
            for (SchedulerToQueue batch : work) {
                for (EvpId id : ((SchedulerToQueue.Deliver) batch).envelopes()) {
                    if (delivered) {
                        queue.delivered(id);
                    } else {
                        queue.deferred(id, now, now);
                    }
                    count++;
                }
            }
            if (work.isEmpty()) {
                now = now.plusSeconds(1);
            }
            if (count % 100 == 0) {
                queue.save();
            }
        }
        return count;
    }

    private long size() throws IOException {
        try (var files = Files.list(directory)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private void begin() {
        began = System.nanoTime();
    }

    private double seconds() {
        return (System.nanoTime() - began) / 1e9;
    }

    private void took(String what) {
        out.printf("%-32s %8.3f s   heap %d MB%n", what, seconds(), heap() >> 20);
    }

    private void rate(String what, int count) {
        double seconds = seconds();
        out.printf(
                "%-32s %8.1f s   %.0f/s   heap %d MB%n",
                what, seconds, count / seconds, heap() >> 20);
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
