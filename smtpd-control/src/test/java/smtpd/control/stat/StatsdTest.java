package smtpd.control.stat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.sys.Channels;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.SysException;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

class StatsdTest {
    private final List<String> sent = new ArrayList<>();
    private final Statsd statsd =
            new Statsd(datagram -> sent.add(new String(datagram, StandardCharsets.US_ASCII)));

    private static Reading reading(Map<String, Metric> metrics) {
        return new Reading(Instant.EPOCH, new TreeMap<>(metrics));
    }

    @Test
    void onlyChangesAreSent() {
        Distribution took = new Distribution();
        took.add(1_000);
        Distribution more = took.copy();
        more.add(2_000);
        more.add(4_000);
        statsd.take(
                reading(
                        Map.of(
                                "ok", new Metric.Counter(5),
                                "session", new Metric.Level(2),
                                "took", new Metric.Durations(took))));
        statsd.take(
                reading(
                        Map.of(
                                "ok", new Metric.Counter(8),
                                "session", new Metric.Level(2),
                                "took", new Metric.Durations(more))));
        assertEquals(
                List.of(
                        "smtpd.ok:5|c\nsmtpd.session:2|g\nsmtpd.took:1.000|ms",
                        "smtpd.ok:3|c\nsmtpd.took:3.000|ms|@0.500000"),
                sent);
    }

    @Test
    void namesOfTheWorldCannotForgeAnything() {
        statsd.take(reading(Map.of("ok.domain:a.b|c:1|g@x", new Metric.Counter(1))));
        assertEquals(List.of("smtpd.ok.domain.a_b_c_1_g_x:1|c"), sent);
    }

    @Test
    void datagramsAreShort() {
        Map<String, Metric> many = new TreeMap<>();
        for (int i = 0; i < 500; i++) {
            many.put("key" + i, new Metric.Counter(i + 1));
        }
        statsd.take(reading(many));
        assertTrue(sent.stream().allMatch(it -> it.length() <= Statsd.DATAGRAM_MAX));
        assertEquals(500, sent.stream().mapToLong(it -> it.lines().count()).sum());
    }

    @Test
    void aServerReceivesThemAndNoneIsNoTrouble() throws IOException {
        DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        server.setSoTimeout(10_000);
        Statsd over = over(server);
        over.take(reading(Map.of("ok", new Metric.Counter(5))));
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        server.receive(packet);
        assertEquals(
                "smtpd.ok:5|c",
                new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII));
        server.close();
        for (int i = 6; i < 10; i++) {
            over.take(reading(Map.of("ok", new Metric.Counter(i))));
        }
        over.close();
    }

    private static Statsd over(DatagramSocket server) throws IOException, SysException {
        InetSocketAddress address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
        try (DatagramChannel channel = DatagramChannel.open().connect(address)) {
            return Statsd.over(Descriptors.duplicate(Channels.fd(channel), 3), Map.of());
        }
    }
}
