package smtpd.mta;

import smtpd.core.tls.Carrier;
import smtpd.core.tls.ClientTls;
import smtpd.core.tls.TlsConnection;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/// An encrypted connection over a transport in clear.
final class TlsTransport implements Transport {
    private final Transport carrier;
    private final TlsConnection tls;

    private TlsTransport(Transport carrier, TlsConnection tls) {
        this.carrier = carrier;
        this.tls = tls;
    }

    /// Shakes hands; the transport's deadline holds. Whoever the server is: that is for the caller
    /// to judge.
    ///
    /// @param name what the server is asked for; empty for nothing
    static TlsTransport over(Transport carrier, ClientTls client, String name) throws IOException {
        InputStream in = carrier.in();
        Carrier records =
                new Carrier() {
                    @Override
                    public int read(byte[] into, int offset, int length) throws IOException {
                        return in.read(into, offset, length);
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        carrier.write(bytes, offset, length);
                    }
                };
        return new TlsTransport(carrier, client.connect(records, name));
    }

    /// What the handshake came to.
    TlsConnection connection() {
        return tls;
    }

    @Override
    public InputStream in() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return tls.read(into, offset, length);
            }
        };
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        tls.write(bytes, offset, length);
    }

    @Override
    public void sendPatience(Duration patience) {
        carrier.sendPatience(patience);
    }

    @Override
    public void deadline(Duration patience) {
        carrier.deadline(patience);
    }

    @Override
    public String localAddress() {
        return carrier.localAddress();
    }

    @Override
    public int localPort() {
        return carrier.localPort();
    }

    @Override
    public void close() {
        tls.close();
        carrier.close();
    }
}
