package smtpd.core.fs;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.util.Locale;

/// A file on a real disk, through its own channel.
///
/// A thread that is interrupted while it reads or writes closes the channel for everyone: a file is
/// therefore never shared between the thread that writes and those that read.
final class DiskFile implements SpoolFile {
    private final String name;
    private final FileChannel channel;

    DiskFile(String name, FileChannel channel) {
        this.name = name;
        this.channel = channel;
    }

    /// The JDK has no type for ENOSPC, EDQUOT, EMFILE and ENFILE: their texts are the C library's.
    static IOException named(String operation, IOException e) {
        @Nullable String reason =
                e instanceof FileSystemException fse ? fse.getReason() : e.getMessage();
        String text = reason == null ? "" : reason.toLowerCase(Locale.ROOT);
        if (text.contains("no space left") || text.contains("quota exceeded")) {
            NoSpaceException full = new NoSpaceException(operation);
            full.initCause(e);
            return full;
        }
        if (text.contains("too many open files")) {
            NoDescriptorException none = new NoDescriptorException(operation);
            none.initCause(e);
            return none;
        }
        return e;
    }

    @Override
    public int read(long position, ByteBuffer into) throws IOException {
        int total = 0;
        while (into.hasRemaining()) {
            int n = channel.read(into, position + total);
            if (n <= 0) {
                break;
            }
            total += n;
        }
        return total;
    }

    @Override
    public void write(long position, ByteBuffer from) throws IOException {
        try {
            long at = position;
            while (from.hasRemaining()) {
                at += channel.write(from, at);
            }
        } catch (IOException e) {
            throw named("write " + name, e);
        }
    }

    @Override
    public void force() throws IOException {
        channel.force(false);
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void truncate(long size) throws IOException {
        channel.truncate(size);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
