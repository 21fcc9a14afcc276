package smtpd.lka.dns;

import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/// A DNS server on a loopback port, over UDP and TCP, that answers as a test says.
final class TestServer implements AutoCloseable {
    private static final int PORT_TRIES = 50;

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final Function<Message, Optional<Message>> answers;
    private final List<String> asked = new CopyOnWriteArrayList<>();

    /// @param answers a query to its answer; empty for silence
    TestServer(Function<Message, Optional<Message>> answers) throws IOException {
        this.answers = answers;
        InetAddress loopback = InetAddress.getLoopbackAddress();
        DatagramSocket datagrams = new DatagramSocket(0, loopback);
        ServerSocket stream = listen(loopback, datagrams.getLocalPort());
        for (int i = 0; stream == null && i < PORT_TRIES; i++) {
            datagrams.close();
            datagrams = new DatagramSocket(0, loopback);
            stream = listen(loopback, datagrams.getLocalPort());
        }
        udp = datagrams;
        tcp = java.util.Objects.requireNonNull(stream, "no port is free for both");
        Thread.ofVirtual().start(this::datagrams);
        Thread.ofVirtual().start(this::connections);
    }

    private static @org.jspecify.annotations.Nullable ServerSocket listen(
            InetAddress loopback, int port) {
        try {
            return new ServerSocket(port, 5, loopback);
        } catch (IOException _) {
            return null;
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), udp.getLocalPort());
    }

    /// `udp name type` or `tcp name type` of every query so far.
    List<String> asked() {
        return List.copyOf(asked);
    }

    /// An answer to `query` with records given in zone file form.
    static Message answer(Message query, int rcode, int section, Record... records) {
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setRcode(rcode);
        answer.addRecord(query.getQuestion(), Section.QUESTION);
        for (Record each : records) {
            answer.addRecord(each, section);
        }
        return answer;
    }

    private void datagrams() {
        byte[] buffer = new byte[4096];
        while (!udp.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                udp.receive(packet);
                byte[] query = java.util.Arrays.copyOf(buffer, packet.getLength());
                Optional<byte[]> answer = answer("udp", query, 512);
                if (answer.isPresent()) {
                    udp.send(
                            new DatagramPacket(
                                    answer.get(), answer.get().length, packet.getSocketAddress()));
                }
            } catch (IOException _) {
                return;
            }
        }
    }

    private void connections() {
        while (!tcp.isClosed()) {
            try (Socket socket = tcp.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] query = in.readNBytes(in.readUnsignedShort());
                Optional<byte[]> answer = answer("tcp", query, 65535);
                if (answer.isPresent()) {
                    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                    out.writeShort(answer.get().length);
                    out.write(answer.get());
                    out.flush();
                }
            } catch (IOException _) {
                if (tcp.isClosed()) {
                    return;
                }
            }
        }
    }

    private Optional<byte[]> answer(String how, byte[] bytes, int sizeMax) throws IOException {
        Message query = new Message(bytes);
        Record question = query.getQuestion();
        asked.add(
                how
                        + " "
                        + question.getName().toString(true)
                        + " "
                        + org.xbill.DNS.Type.string(question.getType()));
        return answers.apply(query).map(answer -> answer.toWire(sizeMax));
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
