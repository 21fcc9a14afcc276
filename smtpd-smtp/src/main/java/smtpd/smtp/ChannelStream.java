package smtpd.smtp;

import smtpd.core.conf.SmtpLimit;
import smtpd.core.conf.SmtpLimits;
import smtpd.smtp.protocol.Limits;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/// A client's socket. Waiting has a deadline that nobody pays for: it is a number that
/// [Sessions#sweep] looks at every second.
final class ChannelStream extends InputStream implements ClientStream {
    private static final long NEVER = Long.MAX_VALUE;

    /// A time that no session reaches, and no sum with it overflows.
    private static final long FOREVER = Long.MAX_VALUE / 4;

    /// How often a client that must not talk yet is looked at.
    private static final Duration LOOK = Duration.ofMillis(100);

    /// Bytes dropped at most when the stream lingers.
    private static final int LINGER_BYTES = 256 * 1024;

    private final SocketChannel channel;
    private final long opened = System.nanoTime();

    /// When what is under way must have ended, in nanoseconds since [#opened].
    private volatile long deadline = NEVER;

    /// When whatever is under way must have ended.
    private volatile long cutoff = NEVER;

    private volatile Interruption interruption = Interruption.NONE;

    private final long idle;
    private final long session;

    /// @param channel connected
    /// @param limits its idle and its whole time
    ChannelStream(SocketChannel channel, SmtpLimits limits) {
        this.channel = channel;
        idle = nanos(limits.of(SmtpLimit.IDLE));
        session = nanos(limits.of(SmtpLimit.SESSION_TIME));
    }

    private static long nanos(int seconds) {
        return seconds == 0 ? FOREVER : Duration.ofSeconds(seconds).toNanos();
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
        begin(idle);
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
    public boolean talks(Duration within) throws IOException {
        long end = System.nanoTime() + within.toNanos();
        while (available() == 0 && interruption == Interruption.NONE && System.nanoTime() < end) {
            Doorman.await(LOOK);
        }
        return available() > 0;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length);
        begin(interruption == Interruption.NONE ? idle : Limits.FAREWELL.toNanos());
        try {
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        } finally {
            deadline = NEVER;
        }
    }

    private void begin(long patience) {
        deadline = Math.min(System.nanoTime() - opened + patience, cutoff);
    }

    @Override
    public void limit(Duration all) {
        cutoff = System.nanoTime() - opened + all.toNanos();
    }

    @Override
    public void unlimit() {
        cutoff = NEVER;
    }

    @Override
    public Interruption interruption() {
        return interruption;
    }

    /// Ends what has waited for too long: first its reading, and a few seconds later everything.
    void expire() {
        long now = System.nanoTime() - opened;
        if (interruption == Interruption.NONE) {
            if (now > deadline || now > session) {
                interrupt(Interruption.TIMEOUT);
            }
        } else if (now > deadline) {
            closeNow();
        }
    }

    /// Makes a session that waits for its client go on without it.
    void interrupt(Interruption why) {
        interruption = why;
        cutoff = NEVER;
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
