package smtpd.mta;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/// A TCP connection in clear.
final class TcpTransport implements Transport {
    private static final long NANOS_PER_MILLI = 1_000_000;

    /// Content goes out in pieces of so many bytes, each with its own time: who takes less in that
    /// time takes nothing.
    private static final int PIECE = 16 * 1024;

    private final Socket socket;
    private final OutputStream out;
    private final DeadlineStream in;
    private final WriteWatch watch;
    private Duration sendPatience = Phase.SEND.patience();

    private TcpTransport(Socket socket) throws IOException {
        this.socket = socket;
        out = socket.getOutputStream();
        in = new DeadlineStream(socket, socket.getInputStream());
        watch = new WriteWatch(socket);
    }

    /// Connects, from the route's source address if it has one.
    static Transport connect(RouteKey route, Duration patience) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            if (!route.source().isEmpty()) {
                socket.bind(new InetSocketAddress(InetAddress.ofLiteral(route.source()), 0));
            }
            InetAddress host = InetAddress.ofLiteral(route.address());
            socket.connect(
                    new InetSocketAddress(host, route.port()),
                    Math.toIntExact(patience.toMillis()));
            return new TcpTransport(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public InputStream in() {
        return in;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int end = offset + length;
        for (int at = offset; at < end; at += PIECE) {
            int from = at;
            watch.run(() -> out.write(bytes, from, Math.min(PIECE, end - from)), sendPatience);
        }
    }

    @Override
    public void sendPatience(Duration patience) {
        sendPatience = patience;
    }

    @Override
    public void deadline(Duration patience) {
        in.deadline = System.nanoTime() + patience.toNanos();
    }

    @Override
    public String localAddress() {
        return socket.getLocalAddress().getHostAddress();
    }

    @Override
    public int localPort() {
        return socket.getLocalPort();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException _) {
            // There is nothing left to lose.
        }
    }

    /// Reads that end at a deadline, even if a byte comes every now and then.
    private static final class DeadlineStream extends InputStream {
        private final Socket socket;
        private final InputStream in;
        private long deadline;

        DeadlineStream(Socket socket, InputStream in) {
            this.socket = socket;
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new SocketTimeoutException("deadline");
            }
            socket.setSoTimeout((int) Math.max(1, left / NANOS_PER_MILLI));
            return in.read(into, offset, length);
        }
    }
}
