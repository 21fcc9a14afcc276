package smtpd.smtp;

import smtpd.core.tls.Carrier;
import smtpd.core.tls.TlsConnection;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/// The bytes to and from one client under TLS. Deadlines are those of the stream underneath.
final class SecureStream extends InputStream implements ClientStream {
    private final ClientStream under;
    private final TlsConnection tls;
    private final Runnable closed;

    /// @param closed run once, when it is closed
    SecureStream(ClientStream under, TlsConnection tls, Runnable closed) {
        this.under = under;
        this.tls = tls;
        this.closed = closed;
    }

    /// A client's stream as it carries TLS.
    record Under(ClientStream stream) implements Carrier {
        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return stream.input().read(into, offset, length);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            stream.write(bytes, offset, length);
        }
    }

    @Override
    public InputStream input() {
        return this;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        return tls.read(into, offset, length);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int available() throws IOException {
        return tls.available() + under.input().available();
    }

    @Override
    public boolean talks(Duration within) throws IOException {
        return tls.available() > 0 || under.talks(within);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        tls.write(bytes, offset, length);
    }

    @Override
    public Interruption interruption() {
        return under.interruption();
    }

    @Override
    public void limit(Duration all) {
        under.limit(all);
    }

    @Override
    public void unlimit() {
        under.unlimit();
    }

    @Override
    public void close(boolean linger) {
        tls.close();
        under.close(linger);
        closed.run();
    }

    @Override
    public void close() {
        close(false);
    }
}
