package smtpd.core.proc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.BodyChunk;
import smtpd.core.imsg.BodyFailed;
import smtpd.core.imsg.MdaToQueue;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.SplittableRandom;

/// Content that streams from a queue, never more than was granted.
class ContentReaderTest {
    private static final int PIECE = 60_000;

    private final TwoPeers two = new TwoPeers();
    private final byte[] content = new byte[1_500_000];

    @BeforeEach
    void join() throws Exception {
        new SplittableRandom(1).nextBytes(content);
        two.join();
    }

    @AfterEach
    void end() throws InterruptedException {
        two.end();
    }

    private ContentReader open() {
        return ContentReader.open(
                two.queue, new MdaToQueue.OpenBody(new MsgId(1)), MdaToQueue.BodyCredit::new);
    }

    private long opened() throws InterruptedException {
        TwoPeers.Event<MdaToQueue> event = two.queueHears.next("message");
        assertInstanceOf(MdaToQueue.OpenBody.class, event.message());
        return event.request();
    }

    private int credit(long request) throws InterruptedException {
        MdaToQueue.BodyCredit credit =
                assertInstanceOf(
                        MdaToQueue.BodyCredit.class, two.queueHears.next("message").message());
        assertEquals(LinkPeer.askersId(request), credit.request());
        return credit.bytes();
    }

    /// A queue that keeps exactly to its credit.
    private final class Queue implements Inbox<MdaToQueue> {
        private long request;
        private int credit = ContentReader.WINDOW;
        private int sent;

        @Override
        public void receive(long id, MdaToQueue message) {
            if (message instanceof MdaToQueue.BodyCredit(long of, int bytes)) {
                assertEquals(LinkPeer.askersId(request), of);
                credit += bytes;
            } else {
                request = id;
            }
            while (credit > 0 && sent < content.length) {
                int length = Math.min(Math.min(PIECE, credit), content.length - sent);
                boolean last = sent + length == content.length;
                two.mda.answer(request, new BodyChunk(Bytes.of(content, sent, length), last));
                sent += length;
                credit -= length;
            }
        }
    }

    @Test
    void contentArrivesWholeAndTheGrantsSuffice() throws Exception {
        two.queueHears.then(new Queue());
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (ContentReader reader = open()) {
            @Nullable Bytes piece;
            while ((piece = reader.next()) != null) {
                read.writeBytes(piece.toByteArray());
            }
            assertNull(reader.next());
        }
        assertArrayEquals(content, read.toByteArray());
    }

    @Test
    void anEmptyContentEndsAtOnce() throws Exception {
        try (ContentReader reader = open()) {
            two.mda.answer(opened(), new BodyChunk(Bytes.EMPTY, true));
            assertNull(reader.next());
        }
    }

    @Test
    void nothingIsGrantedBeforeHalfTheWindowIsRead() throws Exception {
        try (ContentReader reader = open()) {
            long request = opened();
            Bytes piece = Bytes.of(content, 0, ContentReader.WINDOW / 4);
            for (int i = 0; i < 3; i++) {
                two.mda.answer(request, new BodyChunk(piece, false));
            }
            assertEquals(piece, reader.next());
            assertTrue(two.queueHears.isSilent());
            assertEquals(piece, reader.next());
            assertEquals(ContentReader.WINDOW / 2, credit(request));
        }
    }

    @Test
    void closingEarlyTellsTheQueue() throws Exception {
        ContentReader reader = open();
        long request = opened();
        reader.close();
        assertEquals(0, credit(request));
        reader.close();
        two.mda.answer(request, new BodyChunk(Bytes.of("late"), true));
        two.mda.send(new BodyFailed("marker"));
        two.mdaHears.next("message");
        assertNull(reader.next());
    }

    @Test
    void aQueueThatCannotReadIsAnErrorAndNoEnd() throws Exception {
        try (ContentReader reader = open()) {
            two.mda.answer(opened(), new BodyFailed("checksum"));
            IOException error = assertThrows(IOException.class, reader::next);
            assertEquals("content: checksum", error.getMessage());
        }
    }

    @Test
    void aQueueThatDiesIsAnErrorAndNoEnd() throws Exception {
        try (ContentReader reader = open()) {
            two.mda.answer(opened(), new BodyChunk(Bytes.of("half"), false));
            assertEquals(Bytes.of("half"), reader.next());
            two.mda.detach();
            IOException error = assertThrows(IOException.class, reader::next);
            assertEquals("content: queue died", error.getMessage());
        }
    }

    @Test
    void aQueueThatIsDownIsAnError() {
        two.queue.detach();
        try (ContentReader reader = open()) {
            assertThrows(IOException.class, reader::next);
        }
    }

    @Test
    void aQueueThatFloodsLosesItsLink() throws Exception {
        try (ContentReader reader = open()) {
            long request = opened();
            BodyChunk chunk = new BodyChunk(Bytes.of(content, 0, PIECE), false);
            for (int sent = 0; sent <= 2 * ContentReader.WINDOW; sent += PIECE) {
                two.mda.answer(request, chunk);
            }
            two.mdaHears.next("detached");
            IOException error =
                    assertThrows(
                            IOException.class,
                            () -> {
                                while (reader.next() != null) {
                                    assertTrue(two.mdaHears.isSilent());
                                }
                            });
            assertEquals("content: queue died", error.getMessage());
        }
    }
}
