package smtpd.queue.store;

import smtpd.core.fs.SpoolFile;

import java.nio.ByteBuffer;

/// A file without bytes, for content that has none or whose file is gone.
final class NoFile implements SpoolFile {
    @Override
    public int read(long position, ByteBuffer into) {
        return 0;
    }

    @Override
    public void write(long position, ByteBuffer from) {
        throw new UnsupportedOperationException("no file");
    }

    @Override
    public void force() {}

    @Override
    public long size() {
        return 0;
    }

    @Override
    public void truncate(long size) {}

    @Override
    public void close() {}
}
