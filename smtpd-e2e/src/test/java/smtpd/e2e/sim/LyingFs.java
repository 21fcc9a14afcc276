package smtpd.e2e.sim;

import smtpd.core.fs.SpoolFile;
import smtpd.core.fs.SpoolFs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// A disk that answers every sync at once and does nothing.
///
/// @param fs the disk behind it
record LyingFs(SpoolFs fs) implements SpoolFs {
    /// A file on it.
    private record Lying(SpoolFile file) implements SpoolFile {
        @Override
        public int read(long position, ByteBuffer into) throws IOException {
            return file.read(position, into);
        }

        @Override
        public void write(long position, ByteBuffer from) throws IOException {
            file.write(position, from);
        }

        @Override
        public void force() {}

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    @Override
    public SpoolFile create(String name) throws IOException {
        return new Lying(fs.create(name));
    }

    @Override
    public SpoolFile open(String name) throws IOException {
        return new Lying(fs.open(name));
    }

    @Override
    public SpoolFile openForReading(String name) throws IOException {
        return fs.openForReading(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        fs.rename(from, to);
    }

    @Override
    public void unlink(String name) throws IOException {
        fs.unlink(name);
    }

    @Override
    public void makeDir(String dir) throws IOException {
        fs.makeDir(dir);
    }

    @Override
    public List<String> list(String dir) throws IOException {
        return fs.list(dir);
    }

    @Override
    public void forceDir(String dir) throws IOException {
        fs.forceDir(dir);
    }

    @Override
    public long usableSpace() throws IOException {
        return fs.usableSpace();
    }

    @Override
    public long totalSpace() throws IOException {
        return fs.totalSpace();
    }

    @Override
    public Closeable lock(String name) throws IOException {
        return fs.lock(name);
    }
}
