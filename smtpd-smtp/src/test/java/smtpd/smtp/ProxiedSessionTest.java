package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.conf.Listener.Flag;
import smtpd.core.conf.SmtpLimit;
import smtpd.core.conf.SmtpLimits;
import smtpd.core.stat.Statistics;
import smtpd.smtp.protocol.MailLog;
import smtpd.smtp.protocol.Services;
import smtpd.smtp.protocol.Terms;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/// Sessions behind a proxy, over sockets of the loopback interface.
class ProxiedSessionTest {
    private static final int PATIENCE_MILLIS = 20_000;

    private final House house = new House();
    private volatile boolean broken;
    private final ServerSocketChannel channel = open();
    private final Sessions sessions = sessions();
    private final ListenSocket socket = socket();

    private static ServerSocketChannel open() {
        try {
            InetAddress loopback = InetAddress.getLoopbackAddress();
            return ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Sessions sessions() {
        Services services =
                new Services(
                        house.lka,
                        house.queue,
                        new MailLog(this::log),
                        () -> House.DATE,
                        () -> 7,
                        house.memory,
                        house.guard);
        SmtpLimits limits = SmtpLimits.DEFAULT.with(SmtpLimit.SESSIONS_PER_CLIENT, 1);
        return new Sessions(
                services,
                Statistics.NONE,
                new Doorman(limits, Statistics.NONE, System::nanoTime, new SplittableRandom(1)),
                house.secured());
    }

    private void log(String line) {
        if (line.contains("proxy event=closed") && broken) {
            throw new IllegalStateException("an error of ours");
        }
        house.log.add(line);
    }

    private ListenSocket socket() {
        house.flags = EnumSet.of(Flag.PROXY_V1, Flag.PROXY_V2);
        Terms terms = Terms.of(house.listener(), House.HOST, house.options);
        return new ListenSocket(channel, terms, sessions, new Gate());
    }

    @BeforeEach
    void start() {
        socket.start();
    }

    @AfterEach
    void stop() {
        socket.close();
        sessions.drain(Duration.ofSeconds(20));
    }

    private Socket say(byte[] bytes) throws IOException {
        InetSocketAddress to = (InetSocketAddress) channel.getLocalAddress();
        Socket client = new Socket(to.getAddress(), to.getPort());
        client.setSoTimeout(PATIENCE_MILLIS);
        client.getOutputStream().write(bytes);
        return client;
    }

    private Socket say(String text) throws IOException {
        return say(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String line(Socket client) throws IOException {
        StringBuilder line = new StringBuilder();
        int c;
        while ((c = client.getInputStream().read()) >= 0 && c != '\n') {
            line.append((char) c);
        }
        return line.toString().strip();
    }

    @Test
    void whoIsAnnouncedIsTheClient() throws IOException {
        try (Socket client = say("PROXY TCP4 192.0.2.9 198.51.100.1 4711 25\r\n")) {
            assertTrue(line(client).startsWith("220 "));
            client.getOutputStream()
                    .write("EHLO x.example\r\n".getBytes(StandardCharsets.US_ASCII));
            assertTrue(line(client).contains("[192.0.2.9]"));
        }
        assertTrue(
                house.log.contains("0000000000000007 smtp event=proxy address=127.0.0.1"),
                house.log::toString);
        assertTrue(
                house.log.stream().anyMatch(it -> it.contains("connected address=192.0.2.9 ")),
                house.log::toString);
    }

    @Test
    void aProxyThatSpeaksForItselfIsTheClient() throws IOException {
        byte[] local = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a20000000");
        try (Socket client = say(local)) {
            assertTrue(line(client).startsWith("220 "));
        }
        assertTrue(
                house.log.stream().anyMatch(it -> it.contains("connected address=127.0.0.1 ")),
                house.log::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "EHLO client.example\r\n",
                "PROXY TCP4 192.0.2.9 198.51.100.1 4711\r\n",
                "\r\n\r\nxxxxxxxxxxxxxxxxxx"
            })
    @DisplayName("F-25 without a header, or with a bad one, the connection is closed in silence")
    void malformedIsClosed(String text) throws IOException {
        try (Socket client = say(text)) {
            client.shutdownOutput();
            assertEquals(0, silence(client));
        }
        assertTrue(
                house.log.stream()
                        .anyMatch(it -> it.contains(" proxy event=closed address=127.0.0.1 ")),
                house.log::toString);
        assertTrue(house.log.stream().noneMatch(it -> it.contains("connected")));
    }

    @Test
    @DisplayName("F-72: a header that makes smtp throw loses its connection, and nobody else")
    void aHeaderThatThrowsIsClosed() throws IOException {
        broken = true;
        try (Socket client = say("EHLO client.example\r\n")) {
            client.shutdownOutput();
            assertEquals(0, silence(client));
        }
        assertEquals(house.memory.all(), house.memory.free());
        try (Socket client = say("PROXY TCP4 192.0.2.9 198.51.100.1 4711 25\r\n")) {
            assertTrue(line(client).startsWith("220 "));
        }
    }

    /// Octets until the connection is closed, or reset over what nobody read.
    private static int silence(Socket client) {
        try {
            return client.getInputStream().readAllBytes().length;
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    @DisplayName("F-25 limits are those of the client that is announced")
    void limitsOfTheClient() throws IOException {
        List<Socket> clients = new ArrayList<>();
        try {
            clients.add(say("PROXY TCP4 192.0.2.9 198.51.100.1 4711 25\r\n"));
            assertTrue(line(clients.getLast()).startsWith("220 "));
            clients.add(say("PROXY TCP4 192.0.2.9 198.51.100.1 4712 25\r\n"));
            assertEquals("421 4.7.0 Too many sessions from your address", line(clients.getLast()));
            clients.add(say("PROXY TCP4 192.0.2.10 198.51.100.1 4713 25\r\n"));
            assertTrue(line(clients.getLast()).startsWith("220 "));
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }
}
