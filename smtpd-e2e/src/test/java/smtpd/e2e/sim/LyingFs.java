package smtpd.e2e.sim;

import smtpd.core.fs.ForwardedFs;
import smtpd.core.fs.SpoolFile;
import smtpd.core.fs.SpoolFs;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A disk that answers every sync at once and does nothing.
final class LyingFs extends ForwardedFs {
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

    LyingFs(SpoolFs fs) {
        super(fs);
    }

    @Override
    public SpoolFile create(String name) throws IOException {
        return new Lying(super.create(name));
    }

    @Override
    public SpoolFile open(String name) throws IOException {
        return new Lying(super.open(name));
    }
}
