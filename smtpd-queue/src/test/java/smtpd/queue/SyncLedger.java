package smtpd.queue;

import smtpd.core.fs.ForwardedFs;
import smtpd.core.fs.SpoolFile;
import smtpd.core.fs.SpoolFs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.NavigableSet;
import java.util.TreeSet;

/// A disk that knows at every moment what a power cut would take: files with bytes that were not
/// forced, directories with entries that were not.
final class SyncLedger extends ForwardedFs {
    private final NavigableSet<String> unforced = new TreeSet<>();
    private int forces;

    SyncLedger(SpoolFs disk) {
        super(disk);
    }

    /// What is not durable: names of files, and of directories with a `/` behind them.
    NavigableSet<String> unforced() {
        return new TreeSet<>(unforced);
    }

    /// How often something was forced.
    int forces() {
        return forces;
    }

    private void entryChanged(String name) {
        unforced.add(name.substring(0, Math.max(0, name.lastIndexOf('/'))) + "/");
    }

    private final class Watched implements SpoolFile {
        private final String name;
        private final SpoolFile file;

        private Watched(String name, SpoolFile file) {
            this.name = name;
            this.file = file;
        }

        @Override
        public int read(long position, ByteBuffer into) throws IOException {
            return file.read(position, into);
        }

        @Override
        public void write(long position, ByteBuffer from) throws IOException {
            unforced.add(name);
            file.write(position, from);
        }

        @Override
        public void force() throws IOException {
            file.force();
            forces++;
            unforced.remove(name);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            unforced.add(name);
            file.truncate(size);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    @Override
    public SpoolFile create(String name) throws IOException {
        entryChanged(name);
        return new Watched(name, super.create(name));
    }

    @Override
    public SpoolFile open(String name) throws IOException {
        return new Watched(name, super.open(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        entryChanged(from);
        entryChanged(to);
        super.rename(from, to);
    }

    @Override
    public void unlink(String name) throws IOException {
        entryChanged(name);
        super.unlink(name);
    }

    @Override
    public void forceDir(String dir) throws IOException {
        super.forceDir(dir);
        forces++;
        unforced.remove(dir + "/");
    }
}
