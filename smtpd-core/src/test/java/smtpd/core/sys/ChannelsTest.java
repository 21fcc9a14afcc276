package smtpd.core.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;

class ChannelsTest {
    /// The channel's socket under another number, as a child would get it.
    private static ServerSocketChannel again(ServerSocketChannel channel) throws IOException {
        ServerSocketChannel adopted =
                Channels.listening(Descriptors.duplicate(Channels.fd(channel), 3));
        channel.close();
        return adopted;
    }

    private static void echoOnVirtualThreads(ServerSocketChannel server, SocketChannel client)
            throws Exception {
        FutureTask<Integer> echo =
                new FutureTask<>(() -> {
                    try (SocketChannel accepted = server.accept()) {
                        ByteBuffer buf = ByteBuffer.allocate(10);
                        int count = accepted.read(buf);
                        accepted.write(buf.flip());
                        return count;
                    }
                });
        Thread.ofVirtual().start(echo);
        client.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertEquals(3, client.read(ByteBuffer.allocate(10)));
        assertEquals(3, echo.get());
    }

    @Test
    void anInetListenerIsAdopted() throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (ServerSocketChannel server = again(ServerSocketChannel.open().bind(any));
                SocketChannel client = SocketChannel.open(server.getLocalAddress())) {
            echoOnVirtualThreads(server, client);
        }
    }

    @Test
    void aUnixListenerIsAdopted(@TempDir Path dir) throws Exception {
        UnixDomainSocketAddress at = UnixDomainSocketAddress.of(dir.resolve("s"));
        try (ServerSocketChannel server =
                        again(ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(at));
                SocketChannel client = SocketChannel.open(at)) {
            echoOnVirtualThreads(server, client);
        }
    }

    @Test
    void aConnectedSocketKeepsItsPeerAddress() throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(any);
                SocketChannel client = SocketChannel.open(server.getLocalAddress());
                SocketChannel accepted = server.accept()) {
            int fd = Descriptors.duplicate(Channels.fd(accepted), 3);
            try (SocketChannel adopted = Channels.connected(fd)) {
                assertEquals(client.getLocalAddress(), adopted.getRemoteAddress());
                assertEquals(accepted.getLocalAddress(), adopted.getLocalAddress());
                adopted.socket().setSoTimeout(1000);
                client.write(ByteBuffer.wrap(new byte[] {7}));
                assertEquals(7, adopted.socket().getInputStream().read());
            }
            assertFalse(Descriptors.isOpen(fd));
        }
    }

    @Test
    void anUnnamedPairWorksAsAChannel() throws Exception {
        FdSocket[] pair = FdSocket.pair();
        try (SocketChannel channel = Channels.connected(Descriptors.duplicate(pair[0].fd(), 3))) {
            pair[0].close();
            assertEquals(-1, pair[1].receive(ByteBuffer.allocateDirect(1), Descriptors::close));
            pair[1].close();
            assertEquals(-1, channel.read(ByteBuffer.allocate(1)));
        }
    }

    @Test
    void whatIsNoSocketIsRefused() throws SysException {
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        SysException e = assertThrows(SysException.class, () -> Channels.listening(pipe.read()));
        assertEquals("ENOTSOCK", e.errnoName());
        Descriptors.close(pipe.read());
        Descriptors.close(pipe.write());
    }

    @Test
    void theSelfTestPasses() throws IOException {
        Channels.selfTest();
        Channels.prepareWaiting();
    }
}
