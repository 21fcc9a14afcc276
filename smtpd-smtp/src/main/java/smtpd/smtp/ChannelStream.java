package smtpd.smtp;

import smtpd.smtp.protocol.Limits;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/// A client's socket. Waiting has a deadline that nobody pays for: it is a number that
/// [Sessions#sweep] looks at every second.
final class ChannelStream extends InputStream implements ClientStream {
    private static final long NEVER = Long.MAX_VALUE;

    /// Bytes dropped at most when the stream lingers.
    private static final int LINGER_BYTES = 256 * 1024;

    private final SocketChannel channel;
    private final long opened = System.nanoTime();

    /// When what is under way must have ended, in nanoseconds since [#opened].
    private volatile long deadline = NEVER;

    private volatile Interruption interruption = Interruption.NONE;

    ChannelStream(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public InputStream input() {
        return this;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (interruption != Interruption.NONE) {
            return -1;
        }
        begin(Limits.IDLE.toNanos());
        try {
            return channel.read(ByteBuffer.wrap(into, offset, length));
        } finally {
            deadline = NEVER;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int available() throws IOException {
        return channel.socket().getInputStream().available();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length);
        begin((interruption == Interruption.NONE ? Limits.IDLE : Limits.FAREWELL).toNanos());
        try {
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        } finally {
            deadline = NEVER;
        }
    }

    private void begin(long patience) {
        deadline = System.nanoTime() - opened + patience;
    }

    @Override
    public Interruption interruption() {
        return interruption;
    }

    /// Ends what has waited for too long: first its reading, and a few seconds later everything.
    void expire() {
        long now = System.nanoTime() - opened;
        if (interruption == Interruption.NONE) {
            if (now > deadline || now > Limits.SESSION.toNanos()) {
                interrupt(Interruption.TIMEOUT);
            }
        } else if (now > deadline) {
            closeNow();
        }
    }

    /// Makes a session that waits for its client go on without it.
    void interrupt(Interruption why) {
        interruption = why;
        begin(Limits.FAREWELL.toNanos());
        try {
            channel.shutdownInput();
        } catch (IOException _) {
            closeNow();
        }
    }

    /// Whether the session waits for its client.
    boolean waits() {
        return deadline != NEVER;
    }

    @Override
    public void close() {
        closeNow();
    }

    @Override
    public void close(boolean linger) {
        if (linger && interruption == Interruption.NONE) {
            linger();
        }
        closeNow();
    }

    private void linger() {
        try {
            channel.shutdownOutput();
            begin(Limits.FAREWELL.toNanos());
            interruption = Interruption.TIMEOUT;
            ByteBuffer dropped = ByteBuffer.allocate(4096);
            int total = 0;
            int count;
            while (total < LINGER_BYTES && (count = channel.read(dropped.clear())) >= 0) {
                total += count;
            }
        } catch (IOException _) {
            // the client went first
        }
    }

    private void closeNow() {
        try {
            channel.close();
        } catch (IOException _) {
            // it is closed as far as it can be
        }
    }
}
