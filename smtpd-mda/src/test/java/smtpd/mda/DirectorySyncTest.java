package smtpd.mda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

final class DirectorySyncTest {
    private static final Path DIRECTORY = Path.of("/mail/new");

    /// A disk whose first sync waits to be let go; the chosen one fails.
    private static final class SlowDisk extends TestDisk {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch go = new CountDownLatch(1);
        private final AtomicInteger syncs = new AtomicInteger();
        private final int failing;

        SlowDisk(int failing) {
            this.failing = failing;
        }

        @Override
        public void syncDirectory(Path directory) throws IOException {
            int number = syncs.incrementAndGet();
            if (number == 1) {
                begun.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            if (number == failing) {
                throw new IOException("Input/output error");
            }
        }
    }

    private static Future<Boolean> join(ExecutorService threads, DirectorySync sync) {
        return threads.submit(() -> {
            sync.sync(1000, DIRECTORY);
            return true;
        });
    }

    @Test
    void whoComesDuringASyncIsServedByALaterOne() throws Exception {
        SlowDisk disk = new SlowDisk(0);
        DirectorySync sync = new DirectorySync(disk);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<Boolean> first = join(threads, sync);
            disk.begun.await();
            Future<Boolean> second = join(threads, sync);
            disk.go.countDown();
            first.get();
            second.get();
        }
        assertEquals(2, disk.syncs.get());
    }

    @Test
    void aFailureIsReportedAndTheNextSyncIsANewOne() throws Exception {
        SlowDisk disk = new SlowDisk(1);
        disk.go.countDown();
        DirectorySync sync = new DirectorySync(disk);
        try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
            Future<Boolean> first = join(threads, sync);
            assertThrows(ExecutionException.class, first::get);
            join(threads, sync).get();
        }
        assertEquals(2, disk.syncs.get());
    }
}
