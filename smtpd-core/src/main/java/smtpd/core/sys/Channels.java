package smtpd.core.sys;

import java.io.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.locks.LockSupport;

/// Descriptors as channels of `java.nio`, and back: for sockets handed from one process to another.
///
/// An adopted channel is a channel like any other, also on virtual threads, where waiting gives the
/// carrier free. The JDK has no public way to make one, so this class opens two of its packages; it
/// is the only one in the project that does, and the program must run with `--add-opens
/// java.base/java.io=ALL-UNNAMED --add-opens java.base/sun.nio.ch=ALL-UNNAMED`.
public final class Channels {
    /// How often it is looked whether a thread waits.
    private static final long LOOK_NANOS = 100_000;

    private Channels() {}

    /// The JDK's own constructors and fields, found at first use.
    private static final class Jdk {
        private static final MethodHandle DESCRIPTOR;
        private static final MethodHandle CONNECTED;
        private static final MethodHandle LISTENING;
        private static final MethodHandle NUMBER;

        static {
            try {
                MethodHandles.Lookup io = opened(FileDescriptor.class);
                DESCRIPTOR =
                        io.findConstructor(
                                FileDescriptor.class, MethodType.methodType(void.class, int.class));
                Class<?> connected = Class.forName("sun.nio.ch.SocketChannelImpl");
                CONNECTED = constructor(connected, SocketAddress.class, SocketChannel.class);
                Class<?> listening = Class.forName("sun.nio.ch.ServerSocketChannelImpl");
                LISTENING = constructor(listening, boolean.class, ServerSocketChannel.class);
                Class<?> selectable = Class.forName("sun.nio.ch.SelChImpl");
                NUMBER =
                        opened(selectable)
                                .findVirtual(
                                        selectable, "getFDVal", MethodType.methodType(int.class))
                                .asType(MethodType.methodType(int.class, NetworkChannel.class));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(
                        "needs --add-opens java.base/java.io=ALL-UNNAMED"
                                + " --add-opens java.base/sun.nio.ch=ALL-UNNAMED",
                        e);
            }
        }

        private static MethodHandles.Lookup opened(Class<?> type) throws IllegalAccessException {
            return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        }

        private static MethodHandle constructor(Class<?> type, Class<?> last, Class<?> as)
                throws ReflectiveOperationException {
            MethodType parameters =
                    MethodType.methodType(
                            void.class,
                            SelectorProvider.class,
                            ProtocolFamily.class,
                            FileDescriptor.class,
                            last);
            MethodHandle constructor = opened(type).findConstructor(type, parameters);
            return constructor.asType(constructor.type().changeReturnType(as));
        }
    }

    /// Checks that the JDK lets us; for a clear message at start rather than a late one.
    ///
    /// @throws IllegalStateException naming the options that are missing
    public static void selfTest() throws IOException {
        for (FdSocket end : FdSocket.pair()) {
            int fd = Descriptors.duplicate(end.fd(), 3);
            end.close();
            SocketChannel channel = connected(fd);
            if (fd(channel) != fd) {
                throw new IllegalStateException("channel with a descriptor of its own");
            }
            channel.close();
        }
    }

    /// Has the JDK make what virtual threads wait for channels with. It does so at the first wait
    /// and only then; one that came when descriptors had run out would end the process.
    ///
    /// @throws IOException if it cannot be made
    public static void prepareWaiting() throws IOException {
        FdSocket[] ends = FdSocket.pair();
        try (SocketChannel here = connected(Descriptors.duplicate(ends[0].fd(), 3));
                SocketChannel there = connected(Descriptors.duplicate(ends[1].fd(), 3))) {
            Thread reader = Thread.ofVirtual().start(() -> awaitOne(here));
            while (reader.isAlive() && reader.getState() != Thread.State.WAITING) {
                LockSupport.parkNanos(LOOK_NANOS);
            }
            there.write(ByteBuffer.allocate(1));
            reader.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            ends[0].close();
            ends[1].close();
        }
    }

    private static void awaitOne(SocketChannel channel) {
        try {
            int read = channel.read(ByteBuffer.allocate(1));
            assert read == 1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A listening socket as a channel, which then owns the descriptor.
    ///
    /// @throws SysException if it is not a socket
    public static ServerSocketChannel listening(int fd) throws SysException {
        ProtocolFamily family = SocketAddresses.family(fd);
        Descriptors.setCloexec(fd, true);
        try {
            return (ServerSocketChannel)
                    Jdk.LISTENING.invokeExact(
                            SelectorProvider.provider(), family, descriptor(fd), true);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /// A connected stream socket as a blocking channel, which then owns the descriptor.
    ///
    /// @throws SysException if it is not a connected socket
    public static SocketChannel connected(int fd) throws SysException {
        ProtocolFamily family = SocketAddresses.family(fd);
        SocketAddress peer = SocketAddresses.peer(fd);
        Descriptors.setCloexec(fd, true);
        try {
            return (SocketChannel)
                    Jdk.CONNECTED.invokeExact(
                            SelectorProvider.provider(), family, descriptor(fd), peer);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /// The descriptor of a socket channel, which still owns it: to be passed on while the channel
    /// is open.
    public static int fd(NetworkChannel channel) {
        try {
            return (int) Jdk.NUMBER.invokeExact(channel);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    private static FileDescriptor descriptor(int fd) throws Throwable {
        return (FileDescriptor) Jdk.DESCRIPTOR.invokeExact(fd);
    }
}
