package smtpd.core.fs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// One open file of a spool, read and written at positions.
public interface SpoolFile extends Closeable {
    /// Reads at `position` until `into` is full or the file ends; the number of bytes read, 0 at or
    /// behind the end.
    int read(long position, ByteBuffer into) throws IOException;

    /// Writes all of `from` at `position`. After an exception any part of it may have been written.
    void write(long position, ByteBuffer from) throws IOException;

    /// Makes bytes and size durable. After an exception nothing written since the last success may
    /// be taken as durable, however often it is asked again.
    void force() throws IOException;

    /// The size in bytes.
    long size() throws IOException;

    /// Cuts the file to `size` bytes.
    void truncate(long size) throws IOException;
}
