package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static smtpd.scheduler.Mail.T0;
import static smtpd.scheduler.Mail.id;
import static smtpd.scheduler.Mail.mta;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.QueueSummary;
import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SchedulerToQueue.Deliver;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Secret;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What an index on disk adds: it outlives its process, is compared with the queue, and leaves most
/// of a long queue where it is.
class SqliteIndexTest {
    private static final Capacity SMALL = new Capacity(40, 10, 5, 10);

    @TempDir Path directory = Path.of("");
    private final List<String> warnings = new ArrayList<>();
    private final List<SqliteRunQueue> opened = new ArrayList<>();
    private SqliteRunQueue queue;

    @BeforeEach
    void begin() throws IOException {
        queue = open(directory, Capacity.DEFAULT);
        loaded();
    }

    @AfterEach
    void close() {
        opened.forEach(SqliteRunQueue::close);
    }

    /// The load is over, and everything that is gone is forgotten.
    private void loaded() {
        queue.loaded();
        while (queue.forgetsMore()) {
            queue.work(T0);
        }
    }

    private SqliteRunQueue open(Path where, Capacity capacity) throws IOException {
        return open(where, capacity, ShelfNames.CLEAR);
    }

    private SqliteRunQueue open(Path where, Capacity capacity, ShelfNames names)
            throws IOException {
        SqliteRunQueue made =
                new SqliteRunQueue(
                        Limits.Scheduler.DEFAULT,
                        new Random(1),
                        ShelfFile.open(where, names, warnings::add),
                        capacity);
        opened.add(made);
        return made;
    }

    private void commit(Mail... mails) {
        for (Mail mail : mails) {
            queue.submit(mail.entry());
            queue.commit(mail.entry().id().msgid(), T0);
        }
    }

    /// Commits, hands out and defers.
    private void defer(Mail... mails) {
        commit(mails);
        for (EvpId id : handedOut(T0)) {
            queue.deferred(id, T0, T0);
        }
    }

    private List<EvpId> handedOut(Instant now) {
        List<EvpId> out = new ArrayList<>();
        List<SchedulerToQueue> work = queue.work(now);
        while (!work.isEmpty()) {
            for (SchedulerToQueue batch : work) {
                out.addAll(((Deliver) batch).envelopes());
            }
            work = queue.work(now);
        }
        return out;
    }

    /// The next run, over a copy of what the killed one has written.
    private void kill() throws IOException {
        Path copy = Files.createTempDirectory(directory, "next");
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(
                        file,
                        copy.resolve(file.getFileName().toString()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
        queue = open(copy, Capacity.DEFAULT);
    }

    private void found(Mail... mails) {
        queue.found(Stream.of(mails).map(Mail::entry).toList(), List.of(), T0.plusSeconds(500));
        loaded();
    }

    private static Mail tried(Mail mail) {
        return mail.tried(T0, 1, T0);
    }

    private List<ScheduleState> states(EvpId... ids) {
        return queue.states(List.of(ids));
    }

    @Test
    void whatIsDeliveredAtOnceIsNotWritten() {
        commit(mta(1, 1, "a"));
        handedOut(T0);
        queue.delivered(id(1, 1));
        assertEquals(false, queue.isUnsaved());
    }

    @Test
    void whatWasPutOffIsHandedOutBeforeTheQueueSaysAnything() throws IOException {
        defer(mta(1, 1, "a"), mta(2, 1, "b"));
        queue.save();
        kill();
        assertEquals(2, queue.census().envelopes());
        assertEquals(2, queue.census().messages());
        assertEquals(List.of(), handedOut(T0.plusSeconds(399)));
        assertEquals(List.of(id(1, 1), id(2, 1)), handedOut(T0.plusSeconds(400)));
        assertEquals(List.of(), warnings);
    }

    @Test
    @DisplayName("F-69: what was handed out when the process was killed is handed out again")
    void whatWasOutIsFoundAgain() throws IOException {
        defer(mta(1, 1, "a"));
        assertEquals(List.of(id(1, 1)), handedOut(T0.plusSeconds(400)));
        queue.save();
        kill();
        assertEquals(1, queue.census().envelopes());
        assertEquals(List.of(id(1, 1)), handedOut(T0.plusSeconds(401)));
    }

    @Test
    @DisplayName("F-69: what was not saved when the process was killed the queue says again")
    void whatWasNotSavedTheQueueSays() throws IOException {
        defer(mta(1, 1, "a"));
        queue.save();
        defer(mta(2, 1, "a"));
        queue.delivered(id(1, 1));
        kill();
        assertEquals(1, states(id(1, 1), id(2, 1)).size());
        found(tried(mta(2, 1, "a")));
        assertEquals(
                List.of(id(2, 1)), states(id(1, 1), id(2, 1)).stream().map(it -> it.id()).toList());
        assertEquals(1, queue.census().messages());
    }

    @Test
    void theQueueIsTheTruth() throws IOException {
        defer(mta(1, 1, "a"), mta(2, 1, "a"), mta(3, 1, "a"), mta(4, 1, "a"), mta(5, 1, "a"));
        queue.save();
        kill();
        Mail suspended = tried(mta(3, 1, "a")).suspended();
        Mail later = mta(4, 1, "a").tried(T0, 2, T0.plusSeconds(450));
        queue.found(
                List.of(
                        tried(mta(1, 1, "a")).entry(),
                        suspended.entry(),
                        later.entry(),
                        tried(mta(6, 1, "b")).entry()),
                List.of(id(5, 1)),
                T0.plusSeconds(460));
        loaded();
        assertEquals(5, queue.census().envelopes());
        assertEquals(0, states(id(2, 1)).size(), "gone");
        assertEquals(true, states(id(3, 1)).getFirst().suspended(), "another state");
        assertEquals(T0.plusSeconds(1600), states(id(4, 1)).getFirst().since(), "tried since");
        assertEquals(1, states(id(5, 1)).size(), "in hand");
        assertEquals(1, states(id(6, 1)).size(), "new");
        assertEquals(T0.plusSeconds(400), states(id(1, 1)).getFirst().since(), "equal");
    }

    @Test
    @DisplayName("F-73: a large part of the queue that is gone is forgotten page by page")
    void aLargeGapIsForgottenInParts() throws IOException {
        int count = 6 * Merge.PAGE;
        List<ScheduleEntry> all = new ArrayList<>();
        for (int msgid = 1; msgid <= count; msgid++) {
            all.add(tried(mta(msgid, 1, "d" + msgid % 3)).entry());
        }
        queue.found(all, List.of(), T0);
        queue.save();
        kill();
        int middle = count - Merge.PAGE;
        queue.found(
                List.of(all.getFirst(), all.get(middle - 1), tried(mta(count, 2, "new")).entry()),
                List.of(id(middle + 1, 1)),
                T0.plusSeconds(500));
        assertEquals(count - 2 * Merge.PAGE + 2, queue.census().envelopes());
        int parts = 1;
        while (queue.forgetsMore()) {
            commit(mta(count + parts, 1, "fresh" + parts));
            parts++;
        }
        assertEquals(5, parts);
        assertEquals(4 + parts - 1, queue.census().envelopes());
        assertEquals(4, states(id(1, 1), id(middle, 1), id(middle + 1, 1), id(count, 2)).size());
        assertEquals(0, states(id(2, 1), id(middle - 1, 1), id(count, 1)).size());
    }

    @Test
    @DisplayName("F-73: so is what is gone behind the last envelope of the queue")
    void whatIsGoneAtTheEndIsForgottenInParts() throws IOException {
        List<ScheduleEntry> all = new ArrayList<>();
        for (int msgid = 1; msgid <= 3 * Merge.PAGE; msgid++) {
            all.add(tried(mta(msgid, 1, "a")).entry());
        }
        queue.found(all, List.of(), T0);
        queue.save();
        kill();
        queue.found(List.of(all.getFirst()), List.of(), T0.plusSeconds(500));
        queue.loaded();
        int parts = 0;
        do {
            parts++;
        } while (queue.forgetsMore());
        assertEquals(3, parts);
        assertEquals(1, queue.census().envelopes());
        assertEquals(1, queue.census().messages());
    }

    @Test
    void whatIsEqualIsNotWritten() throws IOException {
        defer(mta(1, 1, "a"), mta(2, 1, "b"));
        queue.save();
        kill();
        found(tried(mta(1, 1, "a")), tried(mta(2, 1, "b")));
        assertEquals(false, queue.isUnsaved());
    }

    @Test
    void whatWasCommittedDuringTheLoadStays() throws IOException {
        kill();
        queue.submit(mta(1, 1, "a").suspended().entry());
        queue.commit(new MsgId(1), T0);
        found(mta(2, 1, "a"));
        assertEquals(1, states(id(1, 1)).size());
        assertEquals(2, queue.census().envelopes());
    }

    @Test
    @DisplayName("F-69: a damaged index is put aside, and the queue says what there is")
    void aDamagedIndexIsPutAside() throws IOException {
        Path other = Files.createDirectory(directory.resolve("damaged"));
        Files.writeString(other.resolve(ShelfFile.NAME), "no database at all ".repeat(1000));
        queue = open(other, Capacity.DEFAULT);
        assertEquals(1, warnings.size());
        assertTrue(Files.exists(other.resolve(ShelfFile.NAME + ShelfFile.ASIDE)));
        found(tried(mta(1, 1, "a")));
        assertEquals(1, queue.census().envelopes());
    }

    @Test
    @DisplayName("F-69: damage that is met while the index is in use ends with the next start")
    void damageMetInUseIsPutAsideAtTheNextStart() throws IOException, SQLException {
        Path other = Files.createDirectory(directory.resolve("in-use"));
        queue = open(other, Capacity.DEFAULT);
        loaded();
        defer(mta(1, 1, "a"));
        end();
        try (Connection it =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + other.resolve(ShelfFile.NAME));
                Statement statement = it.createStatement()) {
            statement.execute("DELETE FROM destination");
        }
        queue = open(other, Capacity.DEFAULT);
        assertEquals(List.of(), warnings);
        assertThrows(ShelfException.class, () -> queue.delivered(id(1, 1)));
        end();
        queue = open(other, Capacity.DEFAULT);
        assertEquals(1, warnings.size(), warnings::toString);
        found(tried(mta(1, 1, "a")));
        assertTrue(queue.delivered(id(1, 1)));
    }

    @Test
    void anIndexOfAnotherVersionIsPutAside() throws IOException, SQLException {
        Path other = Files.createDirectory(directory.resolve("version"));
        try (Connection it =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + other.resolve(ShelfFile.NAME));
                Statement statement = it.createStatement()) {
            statement.execute("PRAGMA user_version=99");
            statement.execute("CREATE TABLE envelope (id)");
        }
        queue = open(other, Capacity.DEFAULT);
        assertTrue(warnings.getFirst().contains("version 99"), warnings::toString);
        assertEquals(0, queue.census().envelopes());
    }

    @Test
    @DisplayName(
            "F-91 new mail does not wait behind a whole backlog, nor the backlog behind new mail")
    void newMailGoesBesideABacklog() throws IOException {
        Path other = Files.createDirectory(directory.resolve("beside"));
        end();
        queue = open(other, new Capacity(400, 10, 10, 10));
        queue.loaded();
        for (int msgid = 1; msgid <= 100; msgid++) {
            defer(mta(msgid, 1, "far.example"));
        }
        Instant later = T0.plus(Duration.ofHours(1));
        List<EvpId> old = handedOut(later);
        assertEquals(10, old.size());
        for (int msgid = 1001; msgid <= 1030; msgid++) {
            queue.submit(mta(msgid, 1, "far.example").entry());
            queue.commit(new MsgId(msgid), later);
        }
        assertEquals(15, queue.inMemory(), "half a share beside what is there");
        Set<EvpId> out = new LinkedHashSet<>(old);
        List<Boolean> order = new ArrayList<>();
        while (!out.isEmpty()) {
            EvpId gone = out.iterator().next();
            out.remove(gone);
            order.add(gone.msgid().value() > 1000);
            assertTrue(queue.delivered(gone));
            out.addAll(handedOut(later));
        }
        int firstFresh = order.indexOf(true);
        int lastOld = order.lastIndexOf(false);
        assertTrue(firstFresh < 20, order::toString);
        assertTrue(order.subList(firstFresh, lastOld).contains(false), order::toString);
        assertEquals(130, order.size());
        assertEquals(0, queue.census().envelopes());
    }

    private void next(Path where, ShelfNames names) throws IOException {
        end();
        queue = open(where, Capacity.DEFAULT, names);
    }

    private static boolean anySays(Path where, String text) throws IOException {
        try (Stream<Path> files = Files.list(where)) {
            for (Path file : files.toList()) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void theIndexOfASealedQueueNamesNoPlace() throws IOException {
        Path other = Files.createDirectory(directory.resolve("sealed"));
        next(other, Backends.SEALED);
        queue.loaded();
        defer(mta(1, 1, "far.example"), mta(2, 1, "far.example"), mta(3, 1, "other.example"));
        assertFalse(anySays(other, "example"));
        next(other, Backends.SEALED);
        assertFalse(anySays(other, "example"));
        found(
                tried(mta(1, 1, "far.example")),
                tried(mta(2, 1, "far.example")),
                tried(mta(3, 1, "other.example")));
        assertEquals(
                Map.of("far.example", 2, "other.example", 1),
                queue.summary(9, T0).largest().stream()
                        .collect(
                                Collectors.toMap(
                                        QueueSummary.To::name, QueueSummary.To::envelopes)));
        assertEquals(List.of(), warnings);
    }

    @Test
    void anIndexInTheClearIsGoneOnceTheQueueIsSealed() throws IOException {
        Path other = Files.createDirectory(directory.resolve("clear"));
        Files.writeString(other.resolve(ShelfFile.NAME + ShelfFile.ASIDE), "far.example");
        next(other, ShelfNames.CLEAR);
        queue.loaded();
        defer(mta(1, 1, "far.example"));
        next(other, Backends.SEALED);
        assertEquals(1, warnings.size(), warnings::toString);
        assertFalse(anySays(other, "far.example"));
        found(tried(mta(1, 1, "far.example")));
        assertEquals(1, queue.census().envelopes());
        next(other, ShelfNames.of(new Secret("07".repeat(32))));
        assertEquals(2, warnings.size(), warnings::toString);
        assertEquals(0, queue.census().envelopes());
    }

    @Test
    void aSealedNameThatWasChangedIsDamage() throws IOException, SQLException {
        Path other = Files.createDirectory(directory.resolve("changed"));
        next(other, Backends.SEALED);
        queue.loaded();
        defer(mta(1, 1, "far.example"));
        end();
        try (Connection it =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + other.resolve(ShelfFile.NAME));
                Statement statement = it.createStatement()) {
            statement.execute("UPDATE destination SET name='A' || substr(name, 2)");
        }
        queue = open(other, Capacity.DEFAULT, Backends.SEALED);
        assertThrows(ShelfException.class, () -> queue.delivered(id(1, 1)));
    }

    private void end() {
        queue.close();
        opened.remove(queue);
    }

    private void backlog(int first, int count, String destination) {
        for (int msgid = first; msgid < first + count; msgid++) {
            commit(mta(msgid, 1, destination));
        }
    }

    @Test
    void aLongQueueIsNotInMemory() throws IOException {
        queue = open(Files.createDirectory(directory.resolve("long")), SMALL);
        loaded();
        for (int d = 0; d < 20; d++) {
            backlog(1 + 1000 * d, 100, "d" + d);
        }
        int delivered = 0;
        List<EvpId> out = handedOut(T0);
        while (!out.isEmpty()) {
            assertTrue(queue.inMemory() <= SMALL.perType(), () -> "in memory " + queue.inMemory());
            out.forEach(queue::delivered);
            delivered += out.size();
            out = handedOut(T0);
        }
        assertEquals(2000, delivered);
        assertEquals(new Census(0, 0, 0, 0, 0, 0, 0), queue.census());
    }

    @Test
    @DisplayName(
            "F-90: however long the backlog of dead destinations, mail for another goes at once")
    void deadDestinationsKeepNobodyWaiting() throws IOException {
        queue = open(Files.createDirectory(directory.resolve("dead")), SMALL);
        loaded();
        for (int d = 0; d < 3; d++) {
            backlog(1 + 1000 * d, 500, "dead" + d);
        }
        handedOut(T0);
        commit(mta(9000, 1, "live"));
        assertEquals(List.of(id(9000, 1)), handedOut(T0));
    }

    @Test
    void whatWaitsForRoomExpiresNevertheless() throws IOException {
        queue = open(Files.createDirectory(directory.resolve("expiry")), SMALL);
        loaded();
        for (int msgid = 1; msgid <= 100; msgid++) {
            commit(mta(msgid, 1, "dead").ttl(Duration.ofHours(1)));
        }
        List<EvpId> out = handedOut(T0);
        int expired = 0;
        Instant now = T0.plus(Duration.ofHours(1));
        for (int second = 0; second < 60; second++) {
            for (SchedulerToQueue work : queue.work(now.plusSeconds(second))) {
                for (EvpId id : ((SchedulerToQueue.Expire) work).envelopes()) {
                    queue.delivered(id);
                    expired++;
                }
            }
        }
        assertEquals(100 - out.size(), expired);
    }

    @Test
    void commandsReachEverythingInParts() throws IOException {
        queue = open(Files.createDirectory(directory.resolve("commands")), SMALL);
        loaded();
        List<ScheduleEntry> many = new ArrayList<>();
        int count = ShelfCommands.PART * 2 + 100;
        for (int msgid = 1; msgid <= count; msgid++) {
            many.add(tried(mta(msgid, 1, "d" + msgid % 7)).entry());
        }
        queue.found(many, List.of(), T0);
        Sweep sweep = queue.suspend(new smtpd.core.imsg.Selection(0), true);
        int changed = 0;
        int parts = 0;
        Sweep.Part part;
        do {
            part = sweep.next(T0);
            changed += part.changed().length;
            parts++;
            queue.work(T0.plusSeconds(parts));
        } while (!part.last());
        assertEquals(count, changed);
        assertEquals(3, parts);
        assertEquals(List.of(), handedOut(T0.plusSeconds(1000)));
    }
}
