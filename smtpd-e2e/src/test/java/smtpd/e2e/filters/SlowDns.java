package smtpd.e2e.filters;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A long way to a name server on 127.0.0.1: every question arrives there a while later.
final class SlowDns implements AutoCloseable {
    private static final int PACKET_MAX = 4096;
    private static final int SOCKET_BUFFER = 1 << 22;
    private static final int ID_MASK = 0xffff;

    private final DatagramSocket near;
    private final DatagramSocket far;
    private final Duration delay;
    private final AtomicInteger ids = new AtomicInteger();
    private final ConcurrentHashMap<Integer, Asked> asked = new ConcurrentHashMap<>();
    private final ScheduledExecutorService later = Executors.newScheduledThreadPool(1);
    private final AtomicInteger questions = new AtomicInteger();

    /// Who asked, and with which id.
    private record Asked(SocketAddress from, int id) {}

    SlowDns(int port, Duration delay) throws IOException {
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        this.delay = delay;
        near = new DatagramSocket(0, loopback);
        far = new DatagramSocket();
        far.connect(new InetSocketAddress(loopback, port));
        for (DatagramSocket each : new DatagramSocket[] {near, far}) {
            each.setReceiveBufferSize(SOCKET_BUFFER);
            each.setSendBufferSize(SOCKET_BUFFER);
        }
        Thread.ofPlatform().name("questions").daemon(true).start(this::questions);
        Thread.ofPlatform().name("answers").daemon(true).start(this::answers);
    }

    int port() {
        return near.getLocalPort();
    }

    /// How many questions have come.
    int asked() {
        return questions.get();
    }

    private void questions() {
        byte[] buffer = new byte[PACKET_MAX];
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        while (!near.isClosed()) {
            try {
                packet.setLength(buffer.length);
                near.receive(packet);
                questions.incrementAndGet();
                byte[] bytes = Arrays.copyOf(buffer, packet.getLength());
                int id = ids.incrementAndGet() & ID_MASK;
                asked.put(id, new Asked(packet.getSocketAddress(), id(bytes)));
                id(bytes, id);
                ScheduledFuture<?> _ =
                        later.schedule(() -> pass(bytes), delay.toNanos(), TimeUnit.NANOSECONDS);
            } catch (IOException e) {
                // the end
            }
        }
    }

    private void pass(byte[] bytes) {
        try {
            far.send(new DatagramPacket(bytes, bytes.length));
        } catch (IOException e) {
            // lost on the way, as packets are
        }
    }

    private void answers() {
        byte[] buffer = new byte[PACKET_MAX];
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        while (!far.isClosed()) {
            try {
                packet.setLength(buffer.length);
                far.receive(packet);
                Asked from = asked.remove(id(buffer));
                if (from != null) {
                    id(buffer, from.id);
                    near.send(new DatagramPacket(buffer, packet.getLength(), from.from));
                }
            } catch (IOException e) {
                // the end
            }
        }
    }

    private static int id(byte[] packet) {
        return ((packet[0] & 0xff) << Byte.SIZE) | (packet[1] & 0xff);
    }

    private static void id(byte[] packet, int id) {
        packet[0] = (byte) (id >> Byte.SIZE);
        packet[1] = (byte) id;
    }

    @Override
    public void close() {
        later.shutdownNow();
        near.close();
        far.close();
    }
}
