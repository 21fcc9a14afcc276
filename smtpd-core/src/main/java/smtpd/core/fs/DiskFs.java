package smtpd.core.fs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// A spool on a real disk.
///
/// Files are readable and writable by their owner only.
public final class DiskFs implements SpoolFs {
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_DIR =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path root;

    /// The spool below the existing directory `root`.
    public DiskFs(Path root) throws IOException {
        this.root = root;
        if (!Files.isDirectory(root)) {
            throw new NotDirectoryException(root.toString());
        }
    }

    private Path path(String name) {
        return name.isEmpty() ? root : root.resolve(name);
    }

    @Override
    public SpoolFile create(String name) throws IOException {
        Set<StandardOpenOption> options =
                Set.of(
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            return new DiskFile(name, FileChannel.open(path(name), options, PRIVATE_FILE));
        } catch (IOException e) {
            throw DiskFile.named("create " + name, e);
        }
    }

    @Override
    public SpoolFile open(String name) throws IOException {
        return new DiskFile(
                name,
                FileChannel.open(path(name), StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public SpoolFile openForReading(String name) throws IOException {
        return new DiskFile(name, opened(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        try {
            Files.move(
                    path(from),
                    path(to),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw DiskFile.named("rename " + from, e);
        }
    }

    @Override
    public void unlink(String name) throws IOException {
        Files.delete(path(name));
    }

    @Override
    public void makeDir(String dir) throws IOException {
        Files.createDirectories(path(dir), PRIVATE_DIR);
    }

    @Override
    public List<String> list(String dir) throws IOException {
        try (Stream<Path> entries = Files.list(path(dir))) {
            return entries.filter(Files::isRegularFile)
                    .map(entry -> entry.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Override
    public void forceDir(String dir) throws IOException {
        try (FileChannel channel = opened(dir)) {
            channel.force(true);
        }
    }

    private FileChannel opened(String name) throws IOException {
        try {
            return FileChannel.open(path(name), StandardOpenOption.READ);
        } catch (IOException e) {
            throw DiskFile.named("open " + name, e);
        }
    }

    @Override
    public long usableSpace() throws IOException {
        return root.toFile().getUsableSpace();
    }

    @Override
    public long totalSpace() throws IOException {
        return root.toFile().getTotalSpace();
    }

    @Override
    public Closeable lock(String name) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        path(name),
                        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                        PRIVATE_FILE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException _) {
            // held by this very process
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        throw new AlreadyLockedException(name);
    }
}
