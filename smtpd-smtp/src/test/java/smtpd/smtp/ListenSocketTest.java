package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import smtpd.core.conf.Listener;
import smtpd.core.conf.SmtpLimit;
import smtpd.core.conf.SmtpLimits;
import smtpd.core.stat.Statistics;
import smtpd.smtp.guard.Memory;
import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Ends;
import smtpd.smtp.protocol.MailLog;
import smtpd.smtp.protocol.Services;
import smtpd.smtp.protocol.Terms;
import smtpd.testkit.dialogue.Dialogue;
import smtpd.testkit.dialogue.DialogueRunner;
import smtpd.testkit.dialogue.Dialogues;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// Sessions over sockets of the loopback interface.
class ListenSocketTest {
    private static final int PATIENCE_MILLIS = 20_000;

    private final House house = new House();
    private final AtomicLong ids = new AtomicLong();
    private final Services services =
            new Services(
                    house.lka,
                    house.queue,
                    new MailLog(house.log::add),
                    () -> House.DATE,
                    ids::incrementAndGet,
                    house.memory,
                    house.guard);
    private final Doorman doorman =
            new Doorman(
                    SmtpLimits.DEFAULT, Statistics.NONE, System::nanoTime, new SplittableRandom(1));
    private final Sessions sessions =
            new Sessions(services, Statistics.NONE, doorman, house.secured());
    private final Terms terms = Terms.of(house.listener(), House.HOST, house.options);
    private final ServerSocketChannel channel = open();
    private final ListenSocket socket = new ListenSocket(channel, terms, sessions, new Gate());

    private static ServerSocketChannel open() {
        try {
            InetAddress loopback = InetAddress.getLoopbackAddress();
            return ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
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

    private Socket connect() throws IOException {
        InetSocketAddress to = (InetSocketAddress) channel.getLocalAddress();
        Socket client = new Socket(to.getAddress(), to.getPort());
        client.setSoTimeout(PATIENCE_MILLIS);
        return client;
    }

    private static String rest(Socket client) throws IOException {
        return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    @TestFactory
    Stream<DynamicTest> dialoguesOverTcp() {
        return Dialogues.all().stream()
                .filter(it -> it.settings().isEmpty() && it.faults().isEmpty())
                .filter(it -> !it.clientBegins())
                .map(it -> DynamicTest.dynamicTest(it.name(), () -> play(it)));
    }

    private void play(Dialogue dialogue) throws IOException {
        try (Socket client = connect()) {
            Map<String, String> names = Map.of("host", House.HOST, "address", "127.0.0.1");
            new DialogueRunner(dialogue, names)
                    .play(0, client.getInputStream(), client.getOutputStream());
        }
    }

    @Test
    void stoppingDaemonEndsSessionsAndTakesNoMore() throws IOException {
        try (Socket client = connect()) {
            assertEquals('2', client.getInputStream().read());
            sessions.drain(Duration.ofSeconds(20));
            String said = rest(client);
            assertTrue(said.endsWith("421 4.3.2 Shutting down\r\n"), said);
        }
        try (Socket late = connect()) {
            assertEquals("421 4.3.2 Shutting down\r\n", rest(late));
        }
    }

    @Test
    void whoBeginsWithTlsIsSentAwayWithoutAWordInClear() throws IOException {
        House secure = new House();
        secure.tls = Listener.TlsMode.SMTPS;
        Terms smtps = Terms.of(secure.listener(), House.HOST, secure.options);
        sessions.drain(Duration.ofSeconds(20));
        try (ServerSocketChannel other = open();
                SocketChannel client = SocketChannel.open(other.getLocalAddress())) {
            sessions.open(other.accept(), Client.at("192.0.2.1"), smtps, Ends.NONE);
            client.socket().setSoTimeout(PATIENCE_MILLIS);
            assertEquals("", rest(client.socket()));
        }
    }

    @Test
    void clientsAreSentAwayBeforeTheMemoryEnds() throws IOException {
        int taken = 0;
        while (house.memory.tryTake(Memory.Need.SESSION)) {
            taken++;
        }
        try (Socket late = connect()) {
            assertEquals("421 4.3.2 Too many sessions, try again later\r\n", rest(late));
        }
        for (int i = 0; i < taken; i++) {
            house.memory.give(Memory.Need.SESSION);
        }
        try (Socket next = connect()) {
            assertEquals('2', next.getInputStream().read());
        }
        sessions.drain(Duration.ofSeconds(20));
        assertEquals(house.memory.all(), house.memory.free());
    }

    @Test
    void oneClientCannotTakeAllSessions() throws IOException {
        Client client = Client.at("192.0.2.1");
        List<SocketChannel> ends = new ArrayList<>();
        try (ServerSocketChannel other = open()) {
            for (int i = 0; i <= SmtpLimit.SESSIONS_PER_CLIENT.usual(); i++) {
                ends.add(SocketChannel.open(other.getLocalAddress()));
                sessions.open(other.accept(), client, terms, Ends.NONE);
            }
            Socket last = ends.getLast().socket();
            last.setSoTimeout(PATIENCE_MILLIS);
            assertEquals("421 4.7.0 Too many sessions from your address\r\n", rest(last));
            Socket first = ends.getFirst().socket();
            first.setSoTimeout(PATIENCE_MILLIS);
            assertEquals('2', first.getInputStream().read());
        } finally {
            for (SocketChannel end : ends) {
                end.close();
            }
        }
    }

    @Test
    @DisplayName("F-3: the last reply reaches a client that keeps on talking")
    void lastReplyReachesAClientThatKeepsOnTalking() throws IOException {
        try (Socket client = connect()) {
            assertEquals('2', client.getInputStream().read());
            client.getOutputStream().write("x".repeat(150_000).getBytes(StandardCharsets.UTF_8));
            client.shutdownOutput();
            assertTrue(rest(client).contains("\r\n500 5.5.6 Command line too long\r\n421 4.7.0"));
        }
    }

    @Test
    @DisplayName("F-68: without descriptors accepting backs off and goes on")
    void withoutDescriptorsAcceptingBacksOffAndGoesOn() throws IOException {
        try (ServerSocketChannel real = open();
                StarvedChannel starved = new StarvedChannel(real, 3)) {
            ListenSocket hungry = new ListenSocket(starved, terms, sessions, new Gate());
            InetSocketAddress to = (InetSocketAddress) real.getLocalAddress();
            try (Socket client = new Socket(to.getAddress(), to.getPort())) {
                client.setSoTimeout(PATIENCE_MILLIS);
                hungry.start();
                assertEquals('2', client.getInputStream().read());
            }
            List<Long> tries = starved.tries();
            assertTrue(tries.size() >= 4, () -> "tries: " + tries);
            long pause = tries.get(3) - tries.get(2);
            assertTrue(pause >= Duration.ofMillis(100).toNanos(), () -> pause + " ns");
            hungry.close();
        }
    }
}
