package smtpd.mda;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// The real file system, written down call by call, on which a chosen call fails.
class TestDisk implements Disk {
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private final PosixDisk real = new PosixDisk();
    private String failing = "";
    private String reason = "";
    private Path denied = Path.of("");

    /// The next call of this name fails with this reason.
    void fail(String call, String why) {
        failing = call;
        reason = why;
    }

    /// A directory that may not be opened for reading.
    void deny(Path directory) {
        denied = directory;
    }

    private void called(String call, String what) throws IOException {
        calls.add(what.isEmpty() ? call : call + " " + what);
        if (failing.equals(call)) {
            failing = "";
            throw new IOException(reason);
        }
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static String folder(Path path) {
        Path parent = path.getParent();
        return parent == null ? name(path) : name(parent);
    }

    @Override
    public MailFile create(Path file) throws IOException {
        called("create", folder(file));
        return new Watched(real.create(file));
    }

    @Override
    public MailFile append(Path file, boolean create) throws IOException {
        called("append", name(file));
        return new Watched(real.append(file, create));
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        called("createDirectory", name(directory));
        real.createDirectory(directory);
    }

    @Override
    public Optional<FileFacts> facts(Path path) throws IOException {
        return real.facts(path);
    }

    @Override
    public Path resolve(Path path) throws IOException {
        return real.resolve(path);
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        called("move", folder(from) + " " + folder(to));
        real.move(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        real.delete(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        called("syncDirectory", name(directory));
        if (directory.equals(denied)) {
            throw new AccessDeniedException(directory.toString());
        }
        real.syncDirectory(directory);
    }

    private final class Watched implements MailFile {
        private final MailFile file;

        Watched(MailFile file) {
            this.file = file;
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            called("write", "");
            file.write(bytes);
        }

        @Override
        public void sync() throws IOException {
            called("sync", "");
            file.sync();
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            called("truncate", "");
            file.truncate(size);
        }

        @Override
        public int last() throws IOException {
            return file.last();
        }

        @Override
        public boolean tryLock() throws IOException {
            return file.tryLock();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
