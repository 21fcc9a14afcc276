package smtpd.control.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import smtpd.control.stat.LatestReading;
import smtpd.control.stat.Reading;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;

class HttpDoorTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);

    private final LatestReading latest = new LatestReading();
    private ServerSocketChannel listener;
    private HttpDoor door;

    @BeforeEach
    void open() throws IOException {
        listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        door =
                new HttpDoor(
                        listener,
                        Map.of(
                                "/metrics",
                                new MetricsPage(latest, InstantSource.fixed(NOW)),
                                "/order",
                                new Echo()));
        latest.take(new Reading(NOW, new TreeMap<>()));
        door.open();
    }

    @AfterEach
    void close() throws IOException {
        door.close();
    }

    /// Says what it was sent.
    private static final class Echo implements HttpDoor.Page {
        @Override
        public HttpAnswer answer(HttpRequest request) {
            return HttpAnswer.plain("200 OK", "[" + request.field("a") + "]");
        }

        @Override
        public String method() {
            return "POST";
        }
    }

    private String post(String type, int length, String body) throws IOException {
        return ask(
                "POST /order HTTP/1.1\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(type, length, body));
    }

    private String ask(String request) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(20_000);
            socket.connect(listener.getLocalAddress());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private String status(String request) throws IOException {
        return ask(request).lines().findFirst().orElse("");
    }

    @Test
    void metricsAreServedInBothFormats() throws IOException {
        String text = ask("GET /metrics?x HTTP/1.1\r\nHost: 127.0.0.1:9199\r\n\r\n");
        assertTrue(text.startsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4"));
        assertTrue(text.endsWith("\nsmtpd_statistics_age_seconds 0.000000\n"), text);
        String open =
                ask(
                        "GET /metrics HTTP/1.1\r\nhost: [::1]:9199\r\n"
                                + "Accept: application/openmetrics-text;version=1.0.0\r\n\r\n");
        assertTrue(open.endsWith("\n# EOF\n"), open);
    }

    @Test
    void nothingIsChangedAndNothingElseIsThere() throws IOException {
        assertEquals("HTTP/1.1 405 Method Not Allowed", status("POST /metrics HTTP/1.1\r\n\r\n"));
        assertEquals("HTTP/1.1 404 Not Found", status("GET /../etc/passwd HTTP/1.1\r\n\r\n"));
        assertEquals("HTTP/1.1 400 Bad Request", status("HELO x\r\n\r\n"));
        assertEquals("HTTP/1.1 400 Bad Request", status("x".repeat(HttpRequest.HEAD_MAX + 9)));
        assertTrue(ask("HEAD /metrics HTTP/1.1\r\n\r\n").endsWith("\r\n\r\n"));
    }

    @Test
    void aFormIsReadWhereOneIsWanted() throws IOException {
        String form = "application/x-www-form-urlencoded";
        assertTrue(post(form, 9, "b=1&a=x+y").endsWith("[x y]"));
        assertTrue(post(form + "; charset=UTF-8", 3, "a=%zz").endsWith("[]"));
        assertTrue(post("text/plain", 3, "a=x").endsWith("[]"), "no form");
        assertTrue(post(form, -1, "a=x").endsWith("[]"), "of no length");
        assertTrue(post(form, HttpRequest.BODY_MAX + 1, "a=x").endsWith("[]"), "too long");
        assertTrue(post(form, 4, "a=x").startsWith("HTTP/1.1 400 "), "cut off");
        assertEquals("HTTP/1.1 405 Method Not Allowed", status("GET /order HTTP/1.1\r\n\r\n"));
        assertEquals("HTTP/1.1 405 Method Not Allowed", status("POST /x HTTP/1.1\r\n\r\n"));
    }

    @Test
    void aNameOfSomebodyElsesIsRefused() throws IOException {
        assertEquals(
                "HTTP/1.1 421 Misdirected Request",
                status("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n"));
    }

    @Test
    void valuesThatAreTooOldAreNotPassedOn() throws IOException {
        latest.take(new Reading(NOW.minus(MetricsPage.AGE_MAX).minusSeconds(1), new TreeMap<>()));
        assertEquals(
                "HTTP/1.1 503 Service Unavailable",
                status("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }

    @Test
    void moreClientsThanPlacesAreServedInTurn() throws IOException {
        for (int i = 0; i < HttpDoor.CONNECTIONS_MAX * 3; i++) {
            assertEquals("HTTP/1.1 404 Not Found", status("GET /x HTTP/1.0\r\n\r\n"));
        }
    }
}
