package smtpd.queue.store;

import smtpd.core.fs.DiskFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.queue.Stores;
import smtpd.queue.seal.BlockRandom;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// Measures durable commits a second: arguments are a directory, seconds, committers, bytes a
/// message, `plain`, `gzip`, `zstd`, `sealed` or `both`, and a back-end (`segment`); or `fill`, a
/// directory and a number of messages, for the time to open a full spool.
///
/// Each committer creates a message, appends it, commits it, waits until it is durable, and removes
/// the message it accepted eight before without waiting, as deliveries do.
final class StoreBench {
    private static final int BEHIND = 8;

    private StoreBench() {}

    public static void main(String[] args) throws Exception {
        if (args[0].equals("fill")) {
            fill(Path.of(args[1]), Integer.parseInt(args[2]));
            return;
        }
        Path dir = Files.createTempDirectory(Path.of(args[0]), "store-bench");
        int seconds = Integer.parseInt(args[1]);
        int committers = Integer.parseInt(args[2]);
        int size = Integer.parseInt(args[3]);
        String backend = args.length > 5 ? args[5] : "segment";
        RecordStore records = Stores.records(backend, dir, System.err::println);
        Packing packing =
                switch (args.length > 4 ? args[4] : "") {
                    case "gzip" -> Packings.compressed();
                    case "zstd" -> Packings.zstd();
                    case "sealed" -> Packings.sealed();
                    case "both" -> Packings.both();
                    default -> Packing.NONE;
                };
        Store store =
                MailStore.over(records, packing, new BlockRandom(new SecureRandom()), _ -> {});
        run(store, 1, committers, size);
        double rate = run(store, seconds, committers, size);
        System.out.printf("%d committers, %d bytes: %.0f commits/s%n", committers, size, rate);
        store.close();
        delete(dir);
    }

    private static double run(Store store, int seconds, int committers, int size)
            throws InterruptedException {
        AtomicLong commits = new AtomicLong();
        long start = System.nanoTime();
        long end = start + seconds * 1_000_000_000L;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < committers; i++) {
            int seed = i;
            threads.add(Thread.startVirtualThread(() -> commit(store, seed, size, end, commits)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return commits.get() * 1e9 / (System.nanoTime() - start);
    }

    private static void commit(Store store, int seed, int size, long end, AtomicLong commits) {
        RandomGenerator random = new SplittableRandom(seed * 31L + end);
        byte[] content = Mails.bytes(size, random);
        Deque<EvpId> kept = new ArrayDeque<>();
        Semaphore answered = new Semaphore(0);
        while (System.nanoTime() - end < 0) {
            Envelope e = accept(store, random, content, answered);
            commits.incrementAndGet();
            kept.add(e.id());
            if (kept.size() > BEHIND) {
                store.commit(StoreTx.results(List.of(), List.of(kept.remove())), _ -> {});
            }
        }
    }

    private static Envelope accept(
            Store store, RandomGenerator random, byte[] content, Semaphore answered) {
        if (!(store.create(random) instanceof NewMessage.Opened(MsgId id))) {
            throw new IllegalStateException("refused");
        }
        for (Bytes chunk : Mails.chunks(content, Store.CHUNK_MAX)) {
            store.append(id, chunk, _ -> {});
        }
        Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "rcpt@example.org");
        store.commit(
                StoreTx.accept(Mails.commit(id, content), List.of(e)),
                result -> {
                    if (!result.equals(StoreResult.DONE)) {
                        System.err.println(result);
                    }
                    answered.release();
                });
        answered.acquireUninterruptibly();
        return e;
    }

    private static void put(Path dir, int messages) throws Exception {
        SegmentStore segments =
                SegmentStore.open(new DiskFs(dir), StoreLimits.DEFAULT, System.err::println);
        Committer.start(segments);
        Store store = MailStore.plain(segments);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            int seed = i;
            threads.add(
                    Thread.startVirtualThread(() -> {
                        RandomGenerator random = new SplittableRandom(seed);
                        byte[] content = Mails.bytes(1000, random);
                        Semaphore answered = new Semaphore(0);
                        for (int n = 0; n < messages / 64; n++) {
                            accept(store, random, content, answered);
                        }
                    }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        store.close();
    }

    private static void fill(Path parent, int messages) throws Exception {
        Path dir = Files.createTempDirectory(parent, "store-bench");
        put(dir, messages);
        long start = System.nanoTime();
        Store again =
                MailStore.plain(
                        SegmentStore.open(
                                new DiskFs(dir), StoreLimits.DEFAULT, System.err::println));
        long opened = System.nanoTime();
        int walked = StoreContract.all(again.list(java.util.Optional.of(new EvpId(-1)))).size();
        try (EnvelopeCursor cursor = again.walk()) {
            while (cursor.next().isPresent()) {
                walked++;
            }
        }
        long done = System.nanoTime();
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        System.out.printf(
                "%d envelopes: open %d ms, walk %d ms, heap %d MB%n",
                walked,
                (opened - start) / 1_000_000,
                (done - opened) / 1_000_000,
                (runtime.totalMemory() - runtime.freeMemory()) >> 20);
        again.close();
        delete(dir);
    }

    private static void delete(Path dir) throws Exception {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
