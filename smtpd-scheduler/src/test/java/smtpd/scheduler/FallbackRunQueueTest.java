package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static smtpd.scheduler.Mail.T0;
import static smtpd.scheduler.Mail.mta;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SchedulerToQueue.Deliver;
import smtpd.core.imsg.Selection;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/// A run queue whose disk takes nothing any more, and later does.
class FallbackRunQueueTest {
    private static final int MAILS = 3_000;
    private static final Duration RETRY = Duration.ofSeconds(400);

    @TempDir private Path directory;
    private final List<String> warnings = new ArrayList<>();
    private final Map<EvpId, ScheduleEntry> truth = new TreeMap<>();
    private final LittleDisk disk = new LittleDisk();

    /// A disk that may have no room for more than the empty index.
    private final class LittleDisk implements FallbackRunQueue.Disk {
        private boolean full = true;
        private boolean takesNothing;
        private long room;

        @Override
        public ShelfFile open() throws IOException {
            if (takesNothing) {
                throw new ShelfException("index: no room", ShelfException.Kind.DISK, null);
            }
            ShelfFile file = ShelfFile.open(directory, ShelfNames.CLEAR, warnings::add);
            if (full) {
                file.bound(1);
            }
            return file;
        }

        @Override
        public void putAside() throws IOException {
            ShelfFile.putAside(directory);
        }

        @Override
        public long room() {
            return room;
        }
    }

    private @Nullable FallbackRunQueue opened;

    private FallbackRunQueue queue() {
        return Objects.requireNonNull(opened);
    }

    private void open() throws IOException {
        opened =
                new FallbackRunQueue(
                        Limits.Scheduler.DEFAULT,
                        new Random(1),
                        Backends.LARGE_CAPACITY,
                        disk,
                        warnings::add);
        tell(T0);
    }

    @AfterEach
    void close() {
        queue().close();
    }

    /// The queue tells what there is.
    private void tell(Instant now) {
        queue().clear();
        assertFalse(queue().isLost());
        queue().found(List.copyOf(truth.values()), List.of(), now);
        queue().loaded();
    }

    private void mails() {
        for (int i = 1; i <= MAILS; i++) {
            ScheduleEntry entry = mta(i, 1, "destination-" + i + ".example").entry();
            truth.put(entry.id(), entry);
            queue().submit(entry);
            queue().commit(entry.id().msgid(), T0);
        }
    }

    private List<EvpId> handedOut(Instant now) {
        List<EvpId> out = new ArrayList<>();
        List<SchedulerToQueue> work = queue().work(now);
        while (!work.isEmpty()) {
            for (SchedulerToQueue batch : work) {
                out.addAll(((Deliver) batch).envelopes());
            }
            work = queue().work(now);
        }
        return out;
    }

    /// All are tried and put off; the disk is too full for that many.
    private void fill() throws IOException {
        open();
        mails();
        int tried = 0;
        for (EvpId id : handedOut(T0)) {
            ScheduleEntry entry = truth.get(id);
            truth.put(id, new Mail(Objects.requireNonNull(entry)).tried(T0, 1, T0).entry());
            queue().deferred(id, T0, T0);
            if (queue().isLost()) {
                tell(T0);
            }
            tried++;
        }
        assertEquals(MAILS, tried);
    }

    private void allAreThere(Instant now) {
        assertEquals(MAILS, queue().census().envelopes());
        assertEquals(MAILS, queue().census().messages());
        List<EvpId> out = new ArrayList<>(handedOut(now));
        // what is overdue at a start is spread
        for (int i = 0; i < 700 && out.size() < MAILS; i++) {
            out.addAll(handedOut(now.plusSeconds(i)));
        }
        assertEquals(MAILS, out.size());
        Set<EvpId> different = new HashSet<>(out);
        assertEquals(truth.keySet(), different);
    }

    @Test
    @DisplayName("F-66: the disk of the index is full: it goes on in memory, and says so once")
    void fullDiskIsNoEnd() throws IOException {
        fill();
        assertTrue(queue().isInMemory());
        assertEquals(1, warnings.size(), warnings::toString);
        assertTrue(warnings.getFirst().contains("kept in memory"), warnings::toString);
        assertEquals(List.of(), handedOut(T0.plus(RETRY).minusSeconds(1)));
        allAreThere(T0.plus(RETRY));
        assertEquals(1, warnings.size(), warnings::toString);
    }

    @Test
    @DisplayName("F-66: when there is room again the index returns to the disk, and is right there")
    void returnsWithRoom() throws IOException {
        fill();
        Instant now = T0.plus(FallbackRunQueue.LOOK_EVERY);
        assertEquals(now, queue().wake().orElseThrow());
        queue().work(now);
        assertTrue(queue().isInMemory(), "no room yet");
        disk.room = FallbackRunQueue.ROOM;
        disk.full = false;
        queue().work(now.plusSeconds(59));
        assertTrue(queue().isInMemory(), "not looked yet");
        queue().clear();
        now = now.plus(FallbackRunQueue.LOOK_EVERY);
        queue().work(now);
        assertTrue(queue().isInMemory(), "not while the queue tells what there is");
        tell(now);
        now = now.plus(FallbackRunQueue.LOOK_EVERY);
        queue().work(now);
        assertFalse(queue().isInMemory());
        assertTrue(queue().isLost());
        tell(now);
        queue().save();
        assertEquals(2, warnings.size(), warnings::toString);
        allAreThere(T0.plus(RETRY));
    }

    @Test
    @DisplayName("F-66: a disk that is full at the start is none either")
    void startsWithoutADisk() throws IOException {
        disk.takesNothing = true;
        open();
        assertTrue(queue().isInMemory());
        disk.room = FallbackRunQueue.ROOM;
        mails();
        queue().work(T0);
        assertTrue(queue().isInMemory());
        assertEquals(1, warnings.size(), warnings::toString);
        assertEquals(MAILS, queue().census().envelopes());
    }

    @Test
    void whatIsPausedStaysPausedAndCommandsEnd() throws IOException {
        open();
        queue().pause(DeliveryType.MTA, true, T0);
        Sweep sweep = queue().suspend(new Selection(0), true);
        mails();
        assertTrue(queue().isLost(), "what is paused is on the shelf");
        assertTrue(sweep.next(T0).last());
        tell(T0);
        assertEquals(List.of(), handedOut(T0));
        queue().pause(DeliveryType.MTA, false, T0);
        assertFalse(handedOut(T0.plusSeconds(1)).isEmpty());
    }

    @Test
    void wantOfRoomIsTheDisksAndDamageIsNot() throws IOException {
        disk.takesNothing = true;
        open();
        ShelfFile file = ShelfFile.inMemory(1);
        SqliteRunQueue small =
                new SqliteRunQueue(
                        Limits.Scheduler.DEFAULT, new Random(1), file, Backends.TINY_CAPACITY);
        small.loaded();
        ShelfException e =
                assertThrows(
                        ShelfException.class,
                        () -> {
                            for (int i = 1; i < MAILS; i++) {
                                small.submit(mta(i, 1, "a").entry());
                                small.commit(mta(i, 1, "a").entry().id().msgid(), T0);
                            }
                        });
        assertTrue(e.isDisk());
        assertFalse(file.damaged("made up", null).isDisk());
        small.abandon();
    }
}
