package smtpd.core.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import smtpd.core.imsg.BodyChunk;
import smtpd.core.imsg.BodyFailed;
import smtpd.core.imsg.Frame;
import smtpd.core.imsg.MdaToQueue;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.core.sys.Descriptors;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/// Requests, answers and links that come and go, over real sockets.
class LinkPeerTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final TwoPeers two = new TwoPeers();

    @AfterEach
    void end() throws InterruptedException {
        two.end();
    }

    private static MdaToQueue number(long number) {
        return new MdaToQueue.Release(number, 0);
    }

    private static long numberOf(MdaToQueue message) {
        return assertInstanceOf(MdaToQueue.Release.class, message).holdq();
    }

    private static QueueToMda text(long number) {
        return new BodyFailed(Long.toString(number));
    }

    /// The queue answers each number with the same number.
    private void echo() {
        two.queueHears.then((request, message) -> two.mda.answer(request, text(numberOf(message))));
    }

    private static <T> FutureTask<T> session(java.util.concurrent.Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        Thread.startVirtualThread(future);
        return future;
    }

    @Test
    void whoSaysThatItIsAtItIsWaitedForLongerThanOnePatience() throws Exception {
        Duration patience = Duration.ofSeconds(2);
        long end = System.nanoTime() + patience.multipliedBy(5).dividedBy(4).toNanos();
        two.queueHears.then((request, message) -> sayUntil(end, request));
        two.join();
        QueueToMda last = two.queue.callWhile(number(1), text(0)::equals, patience);
        assertEquals(text(1), last);
    }

    private void sayUntil(long end, long request) {
        boolean over = System.nanoTime() - end >= 0;
        two.mda.answer(request, text(over ? 1 : 0));
        if (!over) {
            two.queueBox.after(Duration.ofMillis(100), () -> sayUntil(end, request));
        }
    }

    @Test
    void whoSaysNothingMoreIsNotWaitedFor() throws Exception {
        two.queueHears.then((request, message) -> two.mda.answer(request, text(0)));
        two.join();
        assertThrows(
                PeerLost.class,
                () -> two.queue.callWhile(number(1), text(0)::equals, Duration.ofMillis(50)));
    }

    @Test
    void messagesOfAnAgentArriveInOrder() throws Exception {
        two.join();
        two.mdaBox.post(() -> {
            for (int i = 0; i < 20_000; i++) {
                two.queue.send(number(i));
            }
        });
        for (int i = 0; i < 20_000; i++) {
            MdaToQueue message = two.queueHears.next("message").message();
            assertEquals(i, numberOf(java.util.Objects.requireNonNull(message)));
        }
    }

    @Test
    void eachCallerGetsItsOwnAnswer() throws Exception {
        List<Runnable> answers = new ArrayList<>();
        two.queueHears.then((request, message) -> {
            answers.add(() -> two.mda.answer(request, text(numberOf(message))));
            if (answers.size() == 100) {
                answers.reversed().forEach(Runnable::run);
            }
        });
        two.join();
        List<FutureTask<QueueToMda>> callers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            long number = i;
            callers.add(session(() -> two.queue.call(number(number), LONG)));
        }
        for (int i = 0; i < 100; i++) {
            assertEquals(text(i), callers.get(i).get());
        }
    }

    @Test
    void manySessionsAndTheAgentShareALink() throws Exception {
        echo();
        two.join();
        List<FutureTask<Boolean>> sessions = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            long first = i * 1000L;
            sessions.add(
                    session(() -> {
                        for (long n = first; n < first + 200; n++) {
                            assertEquals(text(n), two.queue.call(number(n), LONG));
                        }
                        return true;
                    }));
        }
        CountDownLatch answered = new CountDownLatch(500);
        two.mdaBox.post(() -> {
            for (int i = 0; i < 500; i++) {
                QueueToMda expected = text(-i);
                two.queue.ask(
                        number(-i),
                        LONG,
                        answer -> {
                            assertEquals(new Peer.Answer.Got<>(expected), answer);
                            answered.countDown();
                        });
            }
        });
        for (FutureTask<Boolean> session : sessions) {
            assertTrue(session.get());
        }
        TwoPeers.await(answered);
    }

    @Test
    void anAgentIsAnsweredInItsOwnThreadOnce() throws Exception {
        two.queueHears.then((request, message) -> {
            two.mda.answer(request, text(1));
            two.mda.answer(request, text(2));
        });
        two.join();
        AtomicInteger times = new AtomicInteger();
        CompletableFuture<Boolean> inOwnThread = new CompletableFuture<>();
        two.mdaBox.post(() ->
                two.queue.ask(
                        number(1),
                        LONG,
                        _ -> {
                            times.incrementAndGet();
                            inOwnThread.complete(two.mdaBox.isCurrent());
                        }));
        assertTrue(inOwnThread.get());
        assertEquals(text(1), two.queue.call(number(2), LONG));
        TwoPeers.settle(two.mdaBox);
        assertEquals(1, times.get());
    }

    @Test
    void anAgentHearsWhenNobodyAnswersInTime() throws Exception {
        two.join();
        CompletableFuture<Peer.Answer<QueueToMda>> first = new CompletableFuture<>();
        AtomicInteger times = new AtomicInteger();
        two.mdaBox.post(() ->
                two.queue.ask(
                        number(1),
                        Duration.ofMillis(1),
                        answer -> {
                            times.incrementAndGet();
                            first.complete(answer);
                        }));
        assertInstanceOf(Peer.Answer.Lost.class, first.get());
        long request = two.queueHears.next("message").request();
        two.mda.answer(request, text(1));
        two.mda.send(text(2));
        assertEquals(text(2), two.mdaHears.next("message").message());
        TwoPeers.settle(two.mdaBox);
        assertEquals(1, times.get());
    }

    @Test
    void aSessionGivesUpAfterItsPatience() throws Exception {
        two.join();
        PeerLost lost =
                assertThrows(PeerLost.class, () -> two.queue.call(number(1), Duration.ofMillis(1)));
        assertEquals("queue: no answer in time", lost.getMessage());
    }

    @Test
    void aPeerThatIsNotThereIsLostAtOnce() throws Exception {
        assertFalse(two.queue.isAttached());
        two.queue.send(number(1));
        PeerLost lost = assertThrows(PeerLost.class, () -> two.queue.call(number(1), LONG));
        assertEquals("queue: not running", lost.getMessage());
        CompletableFuture<Peer.Answer<QueueToMda>> answer = new CompletableFuture<>();
        two.mdaBox.post(() -> two.queue.ask(number(1), LONG, answer::complete));
        assertInstanceOf(Peer.Answer.Lost.class, answer.get());
    }

    @Test
    void requestsAreLostWhenTheLinkEnds() throws Exception {
        two.join();
        FutureTask<QueueToMda> caller = session(() -> two.queue.call(number(1), LONG));
        CompletableFuture<Peer.Answer<QueueToMda>> asker = new CompletableFuture<>();
        two.mdaBox.post(() -> two.queue.ask(number(2), LONG, asker::complete));
        two.queueHears.next("message");
        two.queueHears.next("message");
        two.mda.detach();
        assertInstanceOf(
                PeerLost.class, assertThrows(ExecutionException.class, caller::get).getCause());
        assertInstanceOf(Peer.Answer.Lost.class, asker.get());
        two.mdaHears.next("detached");
        assertFalse(two.queue.isAttached());
    }

    @Test
    void anAnswerNeverGoesToAnotherLinkThanItsRequestCameBy() throws Exception {
        two.join();
        FutureTask<QueueToMda> caller = session(() -> two.queue.call(number(1), LONG));
        long request = two.queueHears.next("message").request();
        two.join();
        assertThrows(ExecutionException.class, caller::get);
        two.mda.answer(request, text(1));
        two.mda.answerWithFd(request, text(1), 0);
        two.mda.send(text(2));
        assertEquals(text(2), two.mdaHears.next("message").message());
    }

    @Test
    void aFreshLinkEndsTheOldOneInOrder() throws Exception {
        two.join();
        two.join();
        two.mda.send(text(1));
        List<String> heard = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            heard.add(two.mdaHears.next().what());
        }
        assertEquals(List.of("attached", "detached", "attached", "message"), heard);
        TwoPeers.settle(two.mdaBox);
        assertTrue(two.mdaHears.isSilent());
    }

    @Test
    void whatBypassesTheAgentHearsTheEndOfALinkBeforeTheNextOne() throws Exception {
        TwoPeers.Heard<QueueToMda> direct = new TwoPeers.Heard<>();
        two.queue.handleDirectly(BodyFailed.class::isInstance, direct);
        for (int i = 0; i < 50; i++) {
            two.join();
            two.mda.send(text(i));
            assertEquals(text(i), direct.next().message());
            two.mda.send(new QueueToMda.Deliver(new MsgId(1), 0, List.of()));
            two.mdaHears.next("message");
            two.join();
            two.mda.send(text(-i));
            assertEquals("detached", direct.next().what());
            assertEquals(text(-i), direct.next().message());
            two.queue.detach();
            assertEquals("detached", direct.next().what());
        }
    }

    @Test
    void whatBypassesTheAgentDoesNotWaitForIt() throws Exception {
        TwoPeers.Heard<QueueToMda> direct = new TwoPeers.Heard<>();
        two.queue.handleDirectly(BodyFailed.class::isInstance, direct);
        CountDownLatch release = new CountDownLatch(1);
        two.mdaBox.post(() -> assertThatReleased(release));
        two.join();
        two.mda.send(new QueueToMda.Deliver(new MsgId(1), 0, List.of()));
        two.mda.send(text(1));
        assertEquals(text(1), direct.next().message());
        assertTrue(two.mdaHears.isSilent());
        release.countDown();
        two.mdaHears.next("message");
    }

    private static void assertThatReleased(CountDownLatch latch) {
        try {
            TwoPeers.await(latch);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theLargestFrameComesThroughAndALargerOneHarmsNothing() throws Exception {
        two.join();
        QueueToMda largest = new BodyChunk(Bytes.of(new byte[Frame.PAYLOAD_MAX - 5]), false);
        QueueToMda tooLarge = new BodyChunk(Bytes.of(new byte[Frame.PAYLOAD_MAX]), false);
        two.mda.send(largest);
        assertThrows(IllegalArgumentException.class, () -> two.mda.send(tooLarge));
        two.mda.send(text(1));
        assertEquals(largest, two.mdaHears.next("message").message());
        assertEquals(text(1), two.mdaHears.next("message").message());
    }

    @Test
    void descriptorsTravelWithMessagesAndAnswers() throws Exception {
        two.mdaHears.then(
                new Inbox<>() {
                    @Override
                    public void receive(long request, QueueToMda message) {}

                    @Override
                    public void receive(long request, QueueToMda message, int fd) {}
                });
        two.queueHears.then((request, message) -> {});
        two.join();
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        assertTrue(two.mda.sendWithFd(text(1), pipe.write()));
        TwoPeers.Event<QueueToMda> event = two.mdaHears.next("message");
        FutureTask<Peer.Answer.Got<QueueToMda>> caller =
                session(() -> two.queue.callForFd(number(1), LONG));
        two.mda.answerWithFd(two.queueHears.next("message").request(), text(2), pipe.write());
        Peer.Answer.Got<QueueToMda> answer = caller.get();
        assertEquals(text(2), answer.message());
        Descriptors.close(pipe.write());
        try (InputStream in = Descriptors.input(pipe.read())) {
            try (OutputStream one = Descriptors.output(event.fd());
                    OutputStream other = Descriptors.output(answer.fd())) {
                one.write("a".getBytes(StandardCharsets.US_ASCII));
                other.write("b".getBytes(StandardCharsets.US_ASCII));
            }
            assertEquals("ab", new String(in.readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void aDescriptorWithAnAnswerNobodyWantsItWithIsClosed() throws Exception {
        two.join();
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        FutureTask<QueueToMda> caller = session(() -> two.queue.call(number(1), LONG));
        two.mda.answerWithFd(two.queueHears.next("message").request(), text(1), pipe.write());
        assertEquals(text(1), caller.get());
        two.mda.answerWithFd(1L << 48 | 77, text(1), pipe.write());
        two.mda.send(text(2));
        two.mdaHears.next("message");
        Descriptors.close(pipe.write());
        try (InputStream in = Descriptors.input(pipe.read())) {
            assertEquals(-1, in.read());
        }
    }
}
