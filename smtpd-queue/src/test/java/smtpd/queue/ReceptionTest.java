package smtpd.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.QueueToSmtp;
import smtpd.core.imsg.SmtpToQueue;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.Agenda;
import smtpd.core.proc.Peer;
import smtpd.core.stat.Statistics;
import smtpd.queue.store.Stepped;
import smtpd.queue.store.SteppedMail;
import smtpd.queue.store.StoreLimits;
import smtpd.testkit.fs.SimFs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/// Acceptance over the real store: when smtp is told that a message is durable.
class ReceptionTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    /// Small, so that messages begin segments.
    private static final StoreLimits SMALL = new StoreLimits(20_000, 25, 0, 0);

    private final SyncLedger disk = new SyncLedger(new SimFs(1));
    private final List<QueueToSmtp> answers = new ArrayList<>();
    private final List<String> unsafe = new ArrayList<>();
    private SteppedMail store;
    private Reception reception;

    /// A peer that is only listened to.
    private record Ear<O, I>(Consumer<O> heard) implements Peer<O, I> {
        @Override
        public void send(O message) {
            heard.accept(message);
        }

        @Override
        public void answer(long request, O message) {
            heard.accept(message);
        }

        @Override
        public void ask(O request, Duration patience, Consumer<Answer<I>> then) {
            heard.accept(request);
        }
    }

    private static final class Noon implements Agenda {
        @Override
        public Instant now() {
            return NOON;
        }

        @Override
        public void after(Duration delay, Runnable task) {
            throw new IllegalStateException("nothing here waits");
        }
    }

    @BeforeEach
    void open() throws IOException {
        store = SteppedMail.segment(disk, SMALL, _ -> {});
        Desk desk =
                new Desk(
                        store,
                        new Noon(),
                        Runnable::run,
                        Runnable::run,
                        new SplittableRandom(1),
                        Statistics.NONE);
        QueuePeers peers =
                new QueuePeers(
                        new Ear<>(this::toldSmtp),
                        new Ear<QueueToLka, LkaToQueue>(_ -> {}),
                        new Ear<>((QueueToScheduler _) -> {}),
                        new Ear<>((QueueToMta _) -> {}),
                        new Ear<>((QueueToMda _) -> {}));
        reception = new Reception(desk, peers, new Actions(Set.of(), Set.of()));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void toldSmtp(QueueToSmtp message) {
        answers.add(message);
        if (message instanceof QueueToSmtp.Committed && !disk.unforced().isEmpty()) {
            unsafe.add(message + " before the sync of " + disk.unforced());
        }
    }

    private static Envelope envelope(MsgId msgid) {
        MailAddr rcpt = MailAddr.of("bob@far.example");
        return new Envelope(
                new EvpId(Integer.toUnsignedLong(msgid.value()) << 32 | 1),
                new Envelope.Origin(
                        "",
                        "mx.example.org",
                        "client.example.net",
                        "<unknown>",
                        "192.0.2.1",
                        "",
                        new Envelope.OriginFlags(false, false, false)),
                MailAddr.of("alice@example.net"),
                rcpt,
                rcpt,
                new Envelope.Target.Mta("far"),
                Dsn.NONE,
                NOON,
                Duration.ofDays(4),
                Envelope.State.NEW);
    }

    /// Brings a message up to its commit, which is asked for and not yet worked on.
    private MsgId bring(int number) {
        reception.create(number);
        MsgId msgid = ((QueueToSmtp.MessageCreated) answers.removeLast()).msgid();
        byte[] content = "line\r\n".repeat(1 + number * 37).getBytes(StandardCharsets.US_ASCII);
        reception.body(new SmtpToQueue.BodyPart(msgid, Bytes.of(content)));
        reception.addEnvelopes(
                number, new LkaToQueue.AddEnvelopes(msgid, List.of(envelope(msgid))));
        CRC32C crc = new CRC32C();
        crc.update(content);
        reception.commit(
                number, new SmtpToQueue.Commit(msgid, content.length, (int) crc.getValue()));
        return msgid;
    }

    private List<MsgId> committed() {
        return answers.stream()
                .filter(QueueToSmtp.Committed.class::isInstance)
                .map(it -> ((QueueToSmtp.Committed) it).msgid())
                .toList();
    }

    @Test
    void no250LeavesBeforeItsSync() {
        List<MsgId> brought = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(2);
        for (int number = 1; number <= 200; number++) {
            brought.add(bring(number));
            if (random.nextInt(3) == 0) {
                store.step(false);
            }
        }
        while (store.step(true) == Stepped.Progress.MORE) {
            // until nothing is left to do
        }
        assertEquals(brought, committed());
        assertEquals(List.of(), unsafe);
    }

    @Test
    void manyMessagesShareOneSync() {
        while (store.step(true) == Stepped.Progress.MORE) {
            // what the store does at its start
        }
        int before = disk.forces();
        for (int number = 1; number <= 10; number++) {
            bring(number);
        }
        assertEquals(List.of(), committed());
        store.step(true);
        assertEquals(10, committed().size());
        assertTrue(disk.forces() - before <= 3, () -> disk.forces() - before + " syncs");
    }
}
