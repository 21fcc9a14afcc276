package smtpd.core.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.imsg.BodyFailed;
import smtpd.core.imsg.Frame;
import smtpd.core.imsg.FrameOut;
import smtpd.core.imsg.MdaToQueue;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.Errno;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A process that breaks the rules, or does not read: its link ends, and nothing else.
class LinkViolationTest {
    private final TwoPeers two = new TwoPeers();

    @AfterEach
    void end() throws InterruptedException {
        two.end();
    }

    private static void write(FdSocket to, String hex) throws SysException {
        byte[] bytes = HexFormat.of().parseHex(hex);
        to.send(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
    }

    private void assertOnlyTheLinkEnded() throws Exception {
        two.mdaHears.next("detached");
        assertFalse(two.queue.isAttached());
        two.join();
        two.mda.send(new BodyFailed("still here"));
        assertEquals(new BodyFailed("still here"), two.mdaHears.next("message").message());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ffffffff" + "0001" + "0000" + "0000000000000000", // length -1
                "00400001" + "0001" + "0000" + "0000000000000000", // beyond the limit
                "00000000" + "0000" + "0000" + "0000000000000000", // no such type
                "00000000" + "ffff" + "0000" + "0000000000000000", // no such type
                "00000000" + "0003" + "0000" + "0000000000000000", // ends early
                "00000005" + "0003" + "0000" + "0000000000000000" + "0000000000", // too long
                "00000004" + "0003" + "0004" + "0000000000000000" + "00000000", // unknown flag
                "00000004" + "0003" + "0002" + "0000000000000000" + "00000000", // no descriptor
                "00000005" + "0003" + "0000" + "0000000000000000" + "00000001ff" // not UTF-8
            })
    void aBadFrameEndsTheLinkAndNothingElse(String hex) throws Exception {
        try (FdSocket raw = two.attachRaw()) {
            write(raw, hex);
            assertOnlyTheLinkEnded();
        }
    }

    @Test
    void anEndInsideAFrameIsAnEnd() throws Exception {
        try (FdSocket raw = two.attachRaw()) {
            write(raw, "0000");
        }
        assertOnlyTheLinkEnded();
    }

    @Test
    void aViolationSeenByTheAgentEndsTheLinkAndNothingElse() throws Exception {
        two.join();
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        assertTrue(two.mda.sendWithFd(new BodyFailed("surprise"), pipe.write()));
        assertOnlyTheLinkEnded();
        Descriptors.close(pipe.write());
        assertEndOfFile(pipe);
    }

    private static void assertEndOfFile(Descriptors.Pipe pipe) throws Exception {
        try (InputStream in = Descriptors.input(pipe.read())) {
            assertEquals(-1, in.read(), "a descriptor was not closed");
        }
    }

    @Test
    void descriptorsWithoutFramesAreClosedAndEndTheLink() throws Exception {
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        try (FdSocket raw = two.attachRaw()) {
            sendUntilRefused(raw, pipe.write());
            assertOnlyTheLinkEnded();
        }
        Descriptors.close(pipe.write());
        assertEndOfFile(pipe);
    }

    /// More descriptors than may wait; the other end may hang up before the last.
    private static void sendUntilRefused(FdSocket raw, int fd) throws SysException {
        try {
            for (int i = 0; i < 8; i++) {
                raw.sendWithFds(ByteBuffer.allocateDirect(1).put((byte) 0).flip(), fd);
            }
        } catch (SysException e) {
            assertEquals(Errno.EPIPE, e.errno());
        }
    }

    @Test
    void anAnswerToNothingIsDropped() throws Exception {
        try (FdSocket raw = two.attachRaw()) {
            FrameOut frame = new FrameOut(64);
            Frame.encode(QueueToMda.CODEC, 99, Frame.ANSWER, new BodyFailed("lie"), frame);
            Frame.encode(QueueToMda.CODEC, 0, 0, new BodyFailed("truth"), frame);
            write(raw, HexFormat.of().formatHex(frame.toByteArray()));
            assertEquals(new BodyFailed("truth"), two.mdaHears.next("message").message());
        }
    }

    @Test
    void aFrameMayComeByteForByte() throws Exception {
        try (FdSocket raw = two.attachRaw()) {
            FrameOut frame = new FrameOut(64);
            Frame.encode(QueueToMda.CODEC, 5, 0, new BodyFailed("slow"), frame);
            for (byte octet : frame.toByteArray()) {
                write(raw, HexFormat.of().toHexDigits(octet));
            }
            TwoPeers.Event<QueueToMda> event = two.mdaHears.next("message");
            assertEquals(new BodyFailed("slow"), event.message());
            assertEquals(5, LinkPeer.askersId(event.request()));
        }
    }

    /// About 64 KB.
    private static MdaToQueue large() {
        List<EvpId> ids = Collections.nCopies(8192, new MsgId(1).envelope(1));
        return new MdaToQueue.Hold(ids, 1);
    }

    @Test
    void sessionsWaitForAPeerThatDoesNotRead() throws Exception {
        try (FdSocket raw = two.attachRaw()) {
            CountDownLatch sent = new CountDownLatch(1);
            Thread.startVirtualThread(() -> {
                for (int i = 0; i < 128; i++) {
                    two.queue.send(large());
                }
                sent.countDown();
            });
            long expected = 128L * (Frame.HEADER + 4 + 8192 * 8 + 8);
            ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
            assertEquals(1, sent.getCount(), "8 MB went where nobody reads");
            long read = 0;
            while (read < expected) {
                int count = raw.receive(buffer.clear(), Descriptors::close);
                assertTrue(count > 0);
                read += count;
                if (read < expected / 2) {
                    assertEquals(1, sent.getCount(), "more than the bound was taken");
                }
            }
            TwoPeers.await(sent);
        }
    }

    @Test
    void sessionsGiveAPeerUpThatNeverReads() throws Exception {
        FdSocket[] pair = FdSocket.pair();
        CompletableFuture<String> end = new CompletableFuture<>();
        LinkListener<QueueToMda> listener =
                new LinkListener<>() {
                    @Override
                    public void arrived(Link<?, QueueToMda> link, List<Arrived<QueueToMda>> all) {}

                    @Override
                    public void ended(Link<?, QueueToMda> link, String reason) {
                        end.complete(reason);
                    }
                };
        try (FdSocket _ = pair[1]) {
            Link<MdaToQueue, QueueToMda> link =
                    new Link<>(
                            "mda-queue",
                            pair[0],
                            MdaToQueue.CODEC,
                            QueueToMda.CODEC,
                            listener,
                            Duration.ofMillis(100));
            link.start(null);
            int taken = 0;
            while (link.send(0, 0, large())) {
                taken++;
            }
            assertTrue(taken < 128, "8 MB went where nobody reads");
            assertEquals("", end.get(60, TimeUnit.SECONDS));
            assertFalse(link.appendPatiently(0, 0, large()), "an ended link takes nothing");
        }
    }

    @Test
    void anAgentNeverWaitsAndGivesAPeerUpThatDoesNotRead() throws Exception {
        try (FdSocket _ = two.attachRaw()) {
            CompletableFuture<Integer> posted = new CompletableFuture<>();
            two.mdaBox.post(() -> {
                int count = (Link.LIMIT >> 16) + 8;
                for (int i = 0; i < count; i++) {
                    two.queue.send(large());
                }
                posted.complete(count);
            });
            assertTrue(posted.get() > 1000);
            assertOnlyTheLinkEnded();
        }
    }

    @Test
    void waitingSessionsAreLetGoWhenTheLinkEnds() throws Exception {
        FdSocket raw = two.attachRaw();
        CountDownLatch gone = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            Thread.startVirtualThread(() -> {
                while (two.queue.isAttached()) {
                    two.queue.send(large());
                }
                gone.countDown();
            });
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
        assertTrue(raw.receive(buffer, Descriptors::close) > 0);
        raw.close();
        TwoPeers.await(gone);
        assertThrows(PeerLost.class, () -> two.queue.call(large(), Duration.ofSeconds(60)));
    }
}
