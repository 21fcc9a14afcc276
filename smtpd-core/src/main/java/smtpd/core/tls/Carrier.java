package smtpd.core.tls;

import java.io.IOException;

/// What carries the records of a [TlsConnection]: a connected socket, or anything like it. How long
/// a call may wait is for the carrier to say.
public interface Carrier {
    /// Up to `length` bytes into `into`; waits for at least one. Returns -1 at the end.
    int read(byte[] into, int offset, int length) throws IOException;

    /// Sends all of it; waits until it is on its way.
    void write(byte[] bytes, int offset, int length) throws IOException;
}
