package smtpd.smtp;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/// The bytes to and from one client. Whoever waits in it gives up when the stream is interrupted:
/// reading then finds the end, and a reply can still be written.
interface ClientStream {
    /// What the client sends; reading waits.
    InputStream input();

    /// Sends to the client; waits until the bytes are on their way.
    void write(byte[] bytes, int offset, int length) throws IOException;

    /// Whether the client sends something within a time, before anything is read.
    boolean talks(Duration within) throws IOException;

    /// Why reading ended although the client is still there.
    Interruption interruption();

    /// Waits no longer than this, all in all, until [#unlimit].
    void limit(Duration all);

    /// Each wait has its own time again.
    void unlimit();

    /// Closes. With `linger` what the client still sends is read and dropped for a short while, so
    /// that the last reply reaches it (a socket closed over unread bytes is reset).
    void close(boolean linger);

    /// Why a stream was interrupted.
    enum Interruption {
        /// It was not.
        NONE,
        /// The client was silent, or did not read, or stayed, for too long.
        TIMEOUT,
        /// The daemon stops.
        SHUTDOWN
    }
}
