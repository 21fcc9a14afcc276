package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.QueueToSmtp;
import smtpd.core.imsg.RcptQuery;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.imsg.SmtpToQueue;
import smtpd.core.imsg.StoreTrouble;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope.Origin;
import smtpd.core.mail.Envelope.OriginFlags;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Mailbox;
import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;
import smtpd.core.smtp.Reply;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;
import smtpd.smtp.protocol.BodyWriter;
import smtpd.smtp.protocol.Limits;
import smtpd.smtp.protocol.Lka.Verdict;
import smtpd.smtp.protocol.Queue;
import smtpd.smtp.protocol.Replies;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/// lka and queue behind real links, with small models of them at the other end.
class LinkedPeersTest {
    private static final MsgId MSGID = new MsgId(0x77);

    private final Mailbox agent = new Mailbox("smtp", InstantSource.system());
    private final LinkedQueue.Credits credits = new LinkedQueue.Credits();
    private final LinkPeer<SmtpToQueue, QueueToSmtp> queueLink =
            new LinkPeer<>(
                    Role.QUEUE,
                    SmtpToQueue.CODEC,
                    QueueToSmtp.CODEC,
                    credits,
                    Runnable::run,
                    agent);
    private final LinkPeer<SmtpToLka, LkaToSmtp> lkaLink =
            new LinkPeer<>(
                    Role.LKA,
                    SmtpToLka.CODEC,
                    LkaToSmtp.CODEC,
                    (request, message) -> {},
                    Runnable::run,
                    agent);
    private final LinkPeer<QueueToSmtp, SmtpToQueue> queueEnd =
            new LinkPeer<>(
                    Role.SMTP,
                    QueueToSmtp.CODEC,
                    SmtpToQueue.CODEC,
                    this::asQueue,
                    Runnable::run,
                    agent);
    private final LinkPeer<LkaToSmtp, SmtpToLka> lkaEnd =
            new LinkPeer<>(
                    Role.SMTP, LkaToSmtp.CODEC, SmtpToLka.CODEC, this::asLka, Runnable::run, agent);
    private final Queue queue = new LinkedQueue(queueLink, credits);
    private final LinkedLka lka = new LinkedLka(lkaLink);

    private final CRC32C crc = new CRC32C();
    private volatile boolean mute;
    private volatile boolean dies;
    private volatile StoreTrouble trouble = StoreTrouble.OTHER;
    private long size;
    private long underWay;
    private long mostUnderWay;

    @Test
    @DisplayName("F-74: an error on a thread that asks for a session is no matter of that session")
    void anErrorOfAThreadThatAsksStaysAnError() {
        Error error = new OutOfMemoryError("unable to create native thread");
        FutureTask<Verdict> task =
                new FutureTask<>(() -> {
                    throw error;
                });
        task.run();
        assertSame(error, assertThrows(Error.class, () -> LinkedLka.await(task)));
    }

    @BeforeEach
    void attach() throws SysException {
        FdSocket[] toQueue = FdSocket.pair();
        queueLink.attach(Role.SMTP, toQueue[0]);
        queueEnd.attach(Role.QUEUE, toQueue[1]);
        FdSocket[] toLka = FdSocket.pair();
        lkaLink.attach(Role.SMTP, toLka[0]);
        lkaEnd.attach(Role.LKA, toLka[1]);
    }

    @AfterEach
    void detach() {
        queueLink.detach();
        lkaLink.detach();
        agent.close();
    }

    private void asQueue(long request, SmtpToQueue message) {
        switch (message) {
            case SmtpToQueue.CreateMessage _ ->
                    queueEnd.answer(request, new QueueToSmtp.MessageCreated(MSGID));
            case SmtpToQueue.BodyPart it -> take(it);
            case SmtpToQueue.Commit it ->
                    queueEnd.answer(
                            request,
                            it.size() == size && it.checksum() == (int) crc.getValue()
                                    ? new QueueToSmtp.Committed(it.msgid())
                                    : new QueueToSmtp.CommitFailed(it.msgid(), trouble, "no"));
            case SmtpToQueue.Rollback _ -> size = 0;
        }
    }

    private void take(SmtpToQueue.BodyPart part) {
        if (dies) {
            queueEnd.detach();
            return;
        }
        crc.update(part.bytes().toByteArray());
        size += part.bytes().length();
        underWay += part.bytes().length();
        mostUnderWay = Math.max(mostUnderWay, underWay);
        // Credit is given back in larger pieces than it was taken in.
        if (underWay > Limits.WINDOW / 2) {
            queueEnd.send(new QueueToSmtp.BodyCredit(part.msgid(), (int) underWay));
            underWay = 0;
        }
    }

    private void asLka(long request, SmtpToLka message) {
        if (mute) {
            lkaEnd.detach();
            return;
        }
        switch (message) {
            case SmtpToLka.LookupName it ->
                    lkaEnd.answer(
                            request,
                            new LkaToSmtp.ClientName("of." + it.address(), Confirmed.PASS));
            case SmtpToLka.ExpandRcpt it -> lkaEnd.answer(request, verdict(it.query()));
            case SmtpToLka.Authenticate _ ->
                    lkaEnd.answer(request, new LkaToSmtp.Authenticated(LookupAnswer.TEMPFAIL));
            case SmtpToLka.ScramSalt _,
                    SmtpToLka.ScramProof _,
                    SmtpToLka.PermitSender _,
                    SmtpToLka.LookupClient _,
                    SmtpToLka.LookupHostname _ ->
                    lkaEnd.answer(request, new LkaToSmtp.SenderPermitted(LookupAnswer.NOT_FOUND));
            case SmtpToLka.ToFilters _ -> throw new IllegalStateException("no filters here");
        }
    }

    private static LkaToSmtp verdict(RcptQuery query) {
        int number = Integer.parseInt(query.rcpt().user());
        return switch (number % 4) {
            case 0 -> new LkaToSmtp.Refused(550, "", "Invalid recipient");
            case 1 -> new LkaToSmtp.Refused(200, "2.0.0", "no refusal at all");
            default -> new LkaToSmtp.Expanded(List.of(query.msgid().envelope(number)));
        };
    }

    private static RcptQuery query(int number) {
        Origin origin = new Origin("", "mx", "helo", "host", "192.0.2.1", "", OriginFlags.NONE);
        MailAddr rcpt = new MailAddr(Integer.toString(number), "remote.test");
        return new RcptQuery(MSGID, origin, MailAddr.NULL, rcpt, Dsn.NONE);
    }

    @Test
    void contentNeverRunsAheadOfItsWindow() throws PeerLost {
        assertEquals(new Queue.Created.Message(MSGID), queue.create());
        try (BodyWriter writer = new BodyWriter(queue, MSGID)) {
            byte[] piece = new byte[10_007];
            for (int i = 0; i < 300; i++) {
                writer.write(piece, 0, piece.length);
            }
            writer.finish();
            assertInstanceOf(
                    Queue.Settled.Durable.class,
                    queue.commit(MSGID, writer.size(), writer.checksum()));
        }
        assertEquals(300L * 10_007, size);
        assertTrue(mostUnderWay <= Limits.WINDOW, () -> mostUnderWay + " bytes under way");
    }

    @Test
    @DisplayName("F-66: a disk that is full is told from other trouble")
    void aCommitFailsForWantOfSpaceOrOtherwise() throws PeerLost {
        queue.create();
        assertEquals(
                new Queue.Settled.Refused(StoreTrouble.OTHER, "no"), queue.commit(MSGID, 1, 1));
        trouble = StoreTrouble.NO_SPACE;
        assertEquals(new Queue.Settled.Refused(trouble, "no"), queue.commit(MSGID, 1, 1));
    }

    @Test
    @DisplayName("F-69: a queue that dies while it takes content ends the wait for its window")
    void queueThatDiesEndsTheWait() throws PeerLost {
        queue.create();
        dies = true;
        try (BodyWriter writer = new BodyWriter(queue, MSGID)) {
            byte[] piece = new byte[Limits.BODY_PART];
            for (int i = 0; i < 20; i++) {
                writer.write(piece, 0, piece.length);
            }
            writer.finish();
            assertTrue(writer.lost());
        }
        assertThrows(PeerLost.class, () -> queue.commit(MSGID, 1, 1));
        assertThrows(PeerLost.class, queue::create);
    }

    @Test
    void verdictsKeepTheOrderOfTheQueries() {
        List<RcptQuery> queries =
                IntStream.rangeClosed(1, 64).mapToObj(LinkedPeersTest::query).toList();
        List<Verdict> verdicts = lka.expand(queries);
        for (int i = 1; i <= 64; i++) {
            Verdict expected =
                    switch (i % 4) {
                        case 0 -> new Verdict.Refused(Reply.of(550, "Invalid recipient"));
                        case 1 -> new Verdict.Refused(Replies.NOT_NOW);
                        default -> new Verdict.Accepted(List.of(MSGID.envelope(i)));
                    };
            assertEquals(expected, verdicts.get(i - 1));
        }
    }

    @Test
    @DisplayName("F-69: a lka that dies is \"not now\", never \"no\"")
    void lkaThatDiesIsNotNow() throws PeerLost {
        assertEquals("of.192.0.2.1", lka.client("192.0.2.1").name());
        mute = true;
        assertEquals(
                List.of(new Verdict.Refused(Replies.NOT_NOW), new Verdict.Refused(Replies.NOT_NOW)),
                lka.expand(List.of(query(2), query(3))));
        assertThrows(PeerLost.class, () -> lka.client("192.0.2.1"));
    }
}
