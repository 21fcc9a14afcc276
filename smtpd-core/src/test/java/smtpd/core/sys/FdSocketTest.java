package smtpd.core.sys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

class FdSocketTest {
    private FdSocket left;
    private FdSocket right;

    @BeforeEach
    void pair() throws SysException {
        FdSocket[] pair = FdSocket.pair();
        left = pair[0];
        right = pair[1];
    }

    @AfterEach
    void close() {
        left.close();
        right.close();
    }

    private static ByteBuffer bytes(int... values) {
        ByteBuffer buf = ByteBuffer.allocateDirect(values.length);
        for (int value : values) {
            buf.put((byte) value);
        }
        return buf.flip();
    }

    private static void refuse(int fd) {
        Descriptors.close(fd);
        throw new AssertionError("a descriptor nobody sent");
    }

    /// Runs blocking I/O on a platform thread of its own.
    private static <T> CompletableFuture<T> platform(java.util.concurrent.Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try {
                        result.complete(task.call());
                    } catch (Throwable t) {
                        result.completeExceptionally(t);
                    }
                });
        return result;
    }

    @Test
    void bytesArriveInOrder() throws SysException {
        left.send(bytes(1, 2, 3));
        ByteBuffer in = ByteBuffer.allocateDirect(10);
        assertEquals(3, right.receive(in, FdSocketTest::refuse));
        byte[] got = new byte[3];
        in.flip().get(got);
        assertArrayEquals(new byte[] {1, 2, 3}, got);
    }

    @Test
    void receiveReadsNoMoreThanTheRoomLeft() throws SysException {
        left.send(bytes(1, 2, 3));
        ByteBuffer in = ByteBuffer.allocateDirect(4).position(2);
        assertEquals(2, right.receive(in, FdSocketTest::refuse));
        assertEquals(4, in.position());
    }

    @Test
    void aPassedPipeCarriesBytes() throws Exception {
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        left.sendWithFds(bytes(9), pipe.write());
        Descriptors.close(pipe.write());
        List<Integer> fds = new ArrayList<>();
        assertEquals(1, right.receive(ByteBuffer.allocateDirect(1), fds::add));
        assertEquals(1, fds.size());
        try (var out = Descriptors.output(fds.getFirst())) {
            out.write("through".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        try (var in = Descriptors.input(pipe.read())) {
            assertEquals(
                    "through",
                    new String(in.readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII));
        }
    }

    @Test
    void eightDescriptorsAreTheMostOneMessageCarries() throws SysException {
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        int[] eight = new int[FdSocket.MAX_FDS];
        java.util.Arrays.fill(eight, pipe.read());
        left.sendWithFds(bytes(1), eight);
        List<Integer> fds = new ArrayList<>();
        right.receive(ByteBuffer.allocateDirect(1), fds::add);
        assertEquals(8, fds.size());
        assertThrows(IllegalArgumentException.class, () -> left.sendWithFds(bytes(1), new int[9]));
        fds.forEach(Descriptors::close);
        Descriptors.close(pipe.read());
        Descriptors.close(pipe.write());
    }

    @Test
    void descriptorsNotTakenAreClosed() throws SysException {
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        left.sendWithFds(bytes(1), pipe.write(), pipe.write());
        Descriptors.close(pipe.write());
        assertThrows(
                IllegalStateException.class,
                () ->
                        right.receive(
                                ByteBuffer.allocateDirect(1),
                                fd -> {
                                    Descriptors.close(fd);
                                    throw new IllegalStateException("full");
                                }));
        // end of file: no writer is left
        try (var in = Descriptors.input(pipe.read())) {
            assertEquals(-1, in.read());
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void trySendStopsWhereTheSocketIsFull() throws SysException {
        ByteBuffer block = ByteBuffer.allocateDirect(64 * 1024);
        long sent = 0;
        int now;
        do {
            block.clear();
            now = left.trySend(block);
            sent += now;
        } while (now > 0);
        assertTrue(sent > 0);
        assertFalse(left.awaitWritable(1));
        ByteBuffer in = ByteBuffer.allocateDirect(1 << 20);
        while (sent > 0) {
            in.clear();
            sent -= right.receive(in, FdSocketTest::refuse);
        }
        assertTrue(left.awaitWritable(-1));
    }

    @Test
    void sendWaitsForRoom() throws Exception {
        int size = 4 << 20;
        CompletableFuture<Integer> reader =
                platform(() -> {
                    ByteBuffer in = ByteBuffer.allocateDirect(64 * 1024);
                    int sum = 0;
                    while (sum < size) {
                        sum += right.receive(in.clear(), FdSocketTest::refuse);
                    }
                    return sum;
                });
        ByteBuffer big = ByteBuffer.allocateDirect(size);
        left.send(big);
        assertFalse(big.hasRemaining());
        assertEquals(size, reader.get());
    }

    @Test
    void aPeerThatIsGoneReadsAsEndAndWritesAsEpipe() throws SysException {
        right.close();
        assertEquals(-1, left.receive(ByteBuffer.allocateDirect(1), FdSocketTest::refuse));
        SysException e = assertThrows(SysException.class, () -> left.send(bytes(1)));
        assertEquals(Errno.EPIPE, e.errno());
        assertEquals("sendto: EPIPE", e.getMessage());
    }

    @Test
    void closeWakesABlockedReader() throws Exception {
        CompletableFuture<Integer> reader =
                platform(() -> left.receive(ByteBuffer.allocateDirect(1), FdSocketTest::refuse));
        left.close();
        assertEquals(-1, reader.get());
        left.close();
        assertFalse(Descriptors.isOpen(left.fd()));
    }

    @Test
    void closeWakesABlockedWriter() {
        CompletableFuture<Integer> writer =
                platform(() -> {
                    left.send(ByteBuffer.allocateDirect(8 << 20));
                    return 0;
                });
        left.close();
        assertThrows(ExecutionException.class, writer::get);
    }

    @Test
    void aClosedSocketSendsNothing() {
        left.close();
        SysException e = assertThrows(SysException.class, () -> left.send(bytes(1)));
        assertEquals("EBADF", e.errnoName());
    }

    @Test
    void peerCredentialsAreOurOwnInAPair() throws SysException {
        PeerCredentials peer = left.peerCredentials();
        assertEquals(ProcessHandle.current().pid(), peer.pid());
    }

    @Test
    void heapBuffersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> left.send(ByteBuffer.allocate(1)));
    }
}
