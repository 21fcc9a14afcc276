package smtpd.mta;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/// The bytes between a session and a server.
interface Transport extends AutoCloseable {
    /// What the server sends; a read throws [java.net.SocketTimeoutException] once the deadline has
    /// passed.
    InputStream in();

    /// Sends bytes. Blocks while the server does not take them; throws
    /// [java.net.SocketTimeoutException] and is closed when it takes too long.
    void write(byte[] bytes, int offset, int length) throws IOException;

    /// How long the server may take nothing of what is sent.
    void sendPatience(Duration patience);

    /// From now on reads have so long, all together.
    void deadline(Duration patience);

    /// Our own literal address.
    String localAddress();

    /// Our own port.
    int localPort();

    @Override
    void close();

    /// Opens transports.
    @FunctionalInterface
    interface Connector {
        /// Connects. Blocks for at most `patience`.
        Transport connect(RouteKey route, Duration patience) throws IOException;
    }
}
