package smtpd.control.web;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.proc.Fatal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Accepts HTTP connections and serves one request on each, on a thread of its own.
public final class HttpDoor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpDoor.class);

    /// Connections served at a time; more wait in the kernel's queue.
    static final int CONNECTIONS_MAX = 8;

    /// How long one connection may take from its first octet to the last.
    private static final long CONNECTION_SECONDS = 20;

    /// Pause when nothing can be accepted, as when descriptors have run out.
    private static final long BREATH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ServerSocketChannel listener;
    private final Map<String, Page> pages;
    private final Semaphore places = new Semaphore(CONNECTIONS_MAX);
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("http watch").daemon(true).factory());

    /// Answers requests for one path.
    @FunctionalInterface
    public interface Page {
        /// Made anew for each request; runs on the thread of its connection and may take time.
        HttpAnswer answer(HttpRequest request) throws IOException;

        /// How it is asked: `GET`, which goes for `HEAD` too, or `POST`.
        default String method() {
            return "GET";
        }
    }

    /// @param listener the listening socket
    /// @param pages by path
    public HttpDoor(ServerSocketChannel listener, Map<String, Page> pages) {
        this.listener = listener;
        this.pages = Map.copyOf(pages);
    }

    /// Begins to accept, on a thread of its own.
    public void open() {
        Thread.ofPlatform().name("http").daemon(true).start(Fatal.guarded(this::accept));
    }

    private void accept() {
        while (true) {
            places.acquireUninterruptibly();
            try {
                SocketChannel connection = listener.accept();
                Thread.ofPlatform()
                        .name("http connection")
                        .daemon(true)
                        .start(Fatal.guarded(() -> serve(connection)));
            } catch (ClosedChannelException _) {
                return;
            } catch (IOException e) {
                places.release();
                LOG.warn("warn: http: accept: {}", e.getMessage());
                LockSupport.parkNanos(BREATH_NANOS);
            }
        }
    }

    private void serve(SocketChannel connection) {
        ScheduledFuture<?> end =
                watch.schedule(() -> cut(connection), CONNECTION_SECONDS, TimeUnit.SECONDS);
        try (connection) {
            boolean local = connection.getLocalAddress() instanceof UnixDomainSocketAddress;
            InputStream in = Channels.newInputStream(connection);
            write(connection, HttpRequest.read(in), local);
            drain(connection, in);
        } catch (IOException e) {
            LOG.debug("debug: http: {}", e.getMessage());
        } finally {
            end.cancel(false);
            places.release();
        }
    }

    private static void cut(SocketChannel connection) {
        try {
            connection.close();
        } catch (IOException _) {
            // it is gone either way
        }
    }

    /// Lets the client read to the end before the connection is reset by what it still sends.
    private static void drain(SocketChannel connection, InputStream in) throws IOException {
        connection.shutdownOutput();
        byte[] rest = new byte[1024];
        for (int i = 0; i < 64 && in.read(rest) >= 0; i++) {
            // what it says is of no interest any more
        }
    }

    private void write(SocketChannel connection, HttpRequest request, boolean local)
            throws IOException {
        HttpAnswer answer = answer(request, local);
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        String head =
                String.join(
                        "\r\n",
                        "HTTP/1.1 " + answer.status(),
                        "Content-Type: " + answer.type(),
                        "Content-Length: " + body.length,
                        "Cache-Control: no-store",
                        "X-Content-Type-Options: nosniff",
                        "Referrer-Policy: same-origin",
                        "Content-Security-Policy: " + answer.policy(),
                        "Cross-Origin-Opener-Policy: same-origin",
                        "Cross-Origin-Resource-Policy: same-origin",
                        "Connection: close",
                        "",
                        "");
        OutputStream out = Channels.newOutputStream(connection);
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        if (!request.method().equals("HEAD")) {
            out.write(body);
        }
        out.flush();
    }

    private HttpAnswer answer(HttpRequest request, boolean local) {
        if (!request.isWellFormed()) {
            return HttpAnswer.plain("400 Bad Request", "This is no request.\n");
        }
        if (!local && !request.isForLoopback()) {
            return HttpAnswer.plain(
                    "421 Misdirected Request", "Only loopback addresses are served.\n");
        }
        Page page = pages.get(request.path());
        String method = request.method().equals("HEAD") ? "GET" : request.method();
        if (!method.equals(page == null ? "GET" : page.method())) {
            return HttpAnswer.plain("405 Method Not Allowed", "Not this way.\n");
        }
        if (page == null) {
            return HttpAnswer.plain("404 Not Found", "There is no such page.\n");
        }
        try {
            return page.answer(request);
        } catch (IOException e) {
            return HttpAnswer.plain("503 Service Unavailable", "Not now: " + e.getMessage() + "\n");
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        watch.shutdownNow();
    }
}
