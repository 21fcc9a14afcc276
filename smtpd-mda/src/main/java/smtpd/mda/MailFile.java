package smtpd.mda;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// An open file of a mailbox.
interface MailFile extends Closeable {
    /// Writes all of `bytes` at the end.
    void write(ByteBuffer bytes) throws IOException;

    /// Brings content and length to stable storage.
    void sync() throws IOException;

    /// Its length in bytes.
    long size() throws IOException;

    /// Cuts it back to `size` bytes.
    void truncate(long size) throws IOException;

    /// Reads the last byte, or -1 if it is empty.
    int last() throws IOException;

    /// Takes the fcntl(2) write lock if nobody else has it; it goes with the file.
    boolean tryLock() throws IOException;
}
