package smtpd.e2e.scenario;

import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// A name server on 127.0.0.1, UDP and TCP on the same port, that knows a few records and says that
/// no other name exists.
///
/// A zone is lines of `name TYPE value`, as `example.org MX 10 mx.example.org`; a line `name FAIL`
/// makes the server fail for that name.
public final class TestDns implements AutoCloseable {
    private static final int UDP_MAX = 4096;
    private static final long TTL_SECONDS = 60;

    private final List<Record> records = new ArrayList<>();
    private final List<Name> failing = new ArrayList<>();
    private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
    private final ServerSocket tcp;
    private final DatagramSocket udp;

    private TestDns(ServerSocket tcp, DatagramSocket udp) {
        this.tcp = tcp;
        this.udp = udp;
    }

    /// Starts a server.
    ///
    /// @param zone what it knows
    public static TestDns start(String zone) throws IOException {
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        ServerSocket tcp = new ServerSocket(0, 50, loopback);
        TestDns dns = new TestDns(tcp, new DatagramSocket(tcp.getLocalPort(), loopback));
        for (String line : zone.lines().filter(it -> !it.isBlank()).toList()) {
            dns.add(line.strip().split("\\s+", 3));
        }
        Thread.ofVirtual().start(dns::serveUdp);
        Thread.ofVirtual().start(dns::serveTcp);
        return dns;
    }

    private void add(String[] words) throws IOException {
        Name name = Name.fromString(words[0], Name.root);
        if (words[1].equals("FAIL")) {
            failing.add(name);
            return;
        }
        int type = Type.value(words[1]);
        records.add(
                Record.fromString(
                        name, type, org.xbill.DNS.DClass.IN, TTL_SECONDS, words[2], Name.root));
    }

    /// What went wrong, for messages: packets that are no questions.
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    public int port() {
        return tcp.getLocalPort();
    }

    private void serveUdp() {
        byte[] buffer = new byte[UDP_MAX];
        while (!udp.isClosed()) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                udp.receive(packet);
                byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()));
                udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException e) {
                complaints.add(String.valueOf(e.getMessage()));
            }
        }
    }

    private void serveTcp() {
        while (!tcp.isClosed()) {
            try (Socket socket = tcp.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                byte[] answer = answer(in.readNBytes(in.readUnsignedShort()));
                out.writeShort(answer.length);
                out.write(answer);
                out.flush();
            } catch (IOException e) {
                complaints.add(String.valueOf(e.getMessage()));
            }
        }
    }

    private byte[] answer(byte[] query) throws IOException {
        Message question = new Message(query);
        Record asked = question.getQuestion();
        Message answer = new Message(question.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.AA);
        answer.getHeader().setFlag(Flags.RA);
        answer.addRecord(asked, Section.QUESTION);
        if (failing.contains(asked.getName())) {
            answer.getHeader().setRcode(Rcode.SERVFAIL);
            return answer.toWire();
        }
        boolean exists = false;
        for (Record record : records) {
            if (record.getName().equals(asked.getName())) {
                exists = true;
                if (record.getType() == asked.getType()) {
                    answer.addRecord(record, Section.ANSWER);
                }
            }
        }
        answer.getHeader().setRcode(exists ? Rcode.NOERROR : Rcode.NXDOMAIN);
        return answer.toWire();
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
