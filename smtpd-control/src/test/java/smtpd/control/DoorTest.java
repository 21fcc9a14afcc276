package smtpd.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.imsg.ControlToCtl;
import smtpd.core.imsg.CtlToControl;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.Frame;
import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.imsg.Lines;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// The control socket against clients that mean harm (F-81, CVE-2025-62875).
class DoorTest {
    @TempDir Path directory;

    private Path socket() {
        return directory.resolve("smtpd.sock");
    }

    private static SocketChannel connect(World world) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(world.path()));
    }

    private static void send(SocketChannel client, CtlToControl request) throws IOException {
        FrameOut out = new FrameOut(64);
        Frame.encode(CtlToControl.CODEC, 7, 0, request, out);
        client.write(ByteBuffer.wrap(out.toByteArray()));
    }

    private static ControlToCtl receive(SocketChannel client) throws IOException {
        ByteBuffer header = read(client, Frame.HEADER);
        ByteBuffer payload = read(client, header.getInt(0));
        assertEquals(Frame.ANSWER, header.getShort(6));
        assertEquals(7, header.getLong(8));
        return Frame.decode(ControlToCtl.CODEC, header.getShort(4), new FrameIn(payload));
    }

    private static ByteBuffer read(SocketChannel client, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            assertTrue(client.read(bytes) >= 0, "hung up");
        }
        return bytes.flip();
    }

    /// Waits for the end of the connection, whatever comes before it.
    private static void awaitEnd(SocketChannel client) {
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        try {
            int count = 0;
            while (count >= 0) {
                count = client.read(bytes.clear());
            }
        } catch (IOException _) {
            // reset: an end, too
        }
    }

    private static void assertServed(World world) throws IOException {
        try (SocketChannel client = connect(world)) {
            send(client, new CtlToControl.ShowStatus());
            Lines lines = assertInstanceOf(Lines.class, receive(client));
            assertEquals("MDA running", lines.lines().getFirst());
            assertEquals(new Done(true, ""), receive(client));
        }
    }

    @Test
    @DisplayName("F-81: random bytes end that client, and nobody else's session")
    void randomBytesEndThatClientOnly() throws IOException {
        Random random = new Random(81);
        try (World world = World.at(socket());
                SocketChannel bystander = connect(world)) {
            for (int i = 0; i < 200; i++) {
                byte[] garbage = new byte[1 + random.nextInt(200)];
                random.nextBytes(garbage);
                try (SocketChannel client = connect(world)) {
                    write(client, garbage);
                    client.shutdownOutput();
                    awaitEnd(client);
                }
            }
            send(bystander, new CtlToControl.ShowStatus());
            assertInstanceOf(Lines.class, receive(bystander));
            awaitPlace(world);
        }
    }

    private static void write(SocketChannel client, byte[] bytes) {
        try {
            client.write(ByteBuffer.wrap(bytes));
        } catch (IOException _) {
            // the server was quicker
        }
    }

    @Test
    @DisplayName("F-81: mutated requests end that client or are answered")
    void mutatedRequestsAreHarmless() throws IOException {
        Random random = new Random(82);
        List<CtlToControl> requests =
                List.of(
                        new CtlToControl.ShowStats(),
                        new CtlToControl.UpdateTable("aliases"),
                        new CtlToControl.UpdatePki(),
                        new CtlToControl.OpenSession("someone"),
                        new CtlToControl.ResumeRoute(3));
        try (World world = World.at(socket())) {
            for (int i = 0; i < 200; i++) {
                FrameOut out = new FrameOut(64);
                Frame.encode(CtlToControl.CODEC, i, 0, requests.get(i % requests.size()), out);
                byte[] bytes = out.toByteArray();
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                try (SocketChannel client = connect(world)) {
                    write(client, bytes);
                    client.shutdownOutput();
                    World.Handed handed = world.handed.poll();
                    if (handed != null) {
                        smtpd.core.sys.Descriptors.close(handed.fd());
                    }
                }
            }
            awaitPlace(world);
        }
    }

    @Test
    @DisplayName("F-81: a huge frame is refused by its header")
    void hugeFrameEndsTheClient() throws IOException {
        for (int length : new int[] {ClientLink.REQUEST_MAX + 1, Integer.MAX_VALUE, -1}) {
            try (World world = World.at(directory.resolve("huge" + length));
                    SocketChannel client = connect(world)) {
                ByteBuffer header = ByteBuffer.allocate(Frame.HEADER);
                header.putInt(length).putShort((short) 4).putShort((short) 0).putLong(1).flip();
                client.write(header);
                awaitEnd(client);
                assertServed(world);
            }
        }
    }

    @Test
    @DisplayName("F-81: a slow client is cut off when its time is up")
    void slowClientIsCutOff() throws IOException {
        try (World world = new World(socket(), World.impatient(), uid -> true);
                SocketChannel client = connect(world)) {
            client.write(ByteBuffer.wrap(new byte[] {0, 0, 0}));
            awaitEnd(client);
            awaitPlace(world);
        }
    }

    @Test
    @DisplayName("F-81: a client that does not read is cut off, and keeps no process busy")
    void clientThatDoesNotReadIsCutOff() throws IOException {
        try (World world = new World(socket(), World.impatient(), uid -> true);
                SocketChannel client = connect(world)) {
            world.content = List.of("x".repeat(60_000), "x".repeat(60_000), "x".repeat(60_000));
            FrameOut out = new FrameOut(64);
            for (int i = 0; i < 40; i++) {
                Frame.encode(
                        CtlToControl.CODEC,
                        7,
                        0,
                        new CtlToControl.ShowMessage(new smtpd.core.mail.MsgId(1)),
                        out);
            }
            client.write(ByteBuffer.wrap(out.toByteArray()));
            // it holds the only place until the watch has ended it
            awaitPlace(world);
            awaitEnd(client);
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    @DisplayName("F-81: a uid has so many connections and no more, and gets them back")
    void connectionsOfOneUidAreLimited() throws IOException {
        try (World world = World.at(socket())) {
            List<SocketChannel> clients = new ArrayList<>();
            for (int i = 0; i < ClientLimits.DEFAULT.perUser(); i++) {
                SocketChannel client = connect(world);
                send(client, new CtlToControl.ShowStatus());
                assertInstanceOf(Lines.class, receive(client));
                clients.add(client);
            }
            try (SocketChannel tooMany = connect(world)) {
                awaitEnd(tooMany);
            }
            clients.forEach(DoorTest::close);
            awaitPlace(world);
        }
    }

    private static void awaitPlace(World world) throws IOException {
        boolean served = false;
        while (!served) {
            try (SocketChannel client = connect(world)) {
                send(client, new CtlToControl.ShowStatus());
                served = client.read(ByteBuffer.allocate(1)) == 1;
            } catch (IOException _) {
                served = false;
            }
        }
    }

    @Test
    @DisplayName("F-81: ten thousand connects leave the service as it was")
    void tenThousandConnects() throws IOException {
        try (World world = World.at(socket())) {
            for (int i = 0; i < 10_000; i++) {
                connect(world).close();
            }
            awaitPlace(world);
        }
    }

    @Test
    @DisplayName("F-81: a uid that is not allowed may open a session and nothing else")
    void strangersMayOnlyOpenSessions() throws IOException {
        try (World world = new World(socket(), ClientLimits.DEFAULT, uid -> false);
                SocketChannel client = connect(world)) {
            send(client, new CtlToControl.ShowStats());
            assertEquals(new Done(false, "need root privileges"), receive(client));
            send(client, new CtlToControl.OpenSession("x"));
            assertEquals(new ControlToCtl.Opened(), receive(client));
        }
    }
}
