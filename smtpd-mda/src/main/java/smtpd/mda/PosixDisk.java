package smtpd.mda;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The real file system.
final class PosixDisk implements Disk {
    static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final Set<OpenOption> CREATE_NEW =
            Set.of(
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> CREATE =
            Set.of(
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> EXISTING =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private static final int TYPE_MASK = 0170000;
    private static final int TYPE_LINK = 0120000;
    private static final int TYPE_FILE = 0100000;
    private static final int TYPE_DIRECTORY = 0040000;

    @Override
    public MailFile create(Path file) throws IOException {
        return new Open(FileChannel.open(file, CREATE_NEW, PRIVATE_FILE));
    }

    @Override
    public MailFile append(Path file, boolean create) throws IOException {
        return new Open(
                create
                        ? FileChannel.open(file, CREATE, PRIVATE_FILE)
                        : FileChannel.open(file, EXISTING));
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        try {
            Files.createDirectory(directory, PRIVATE_DIRECTORY);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw e;
            }
        }
    }

    @Override
    public Optional<FileFacts> facts(Path path) throws IOException {
        Map<String, Object> found;
        try {
            found =
                    Files.readAttributes(
                            path,
                            "unix:mode,uid,nlink,ino,lastModifiedTime",
                            LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
        return Optional.of(
                new FileFacts(
                        kind(number(found, "mode").intValue()),
                        number(found, "uid").intValue(),
                        number(found, "nlink").intValue(),
                        number(found, "ino").longValue(),
                        ((FileTime) value(found, "lastModifiedTime")).toInstant()));
    }

    private static Number number(Map<String, Object> found, String name) {
        return (Number) value(found, name);
    }

    private static Object value(Map<String, Object> found, String name) {
        return java.util.Objects.requireNonNull(found.get(name));
    }

    private static Kind kind(int mode) {
        return switch (mode & TYPE_MASK) {
            case TYPE_LINK -> Kind.LINK;
            case TYPE_FILE -> Kind.FILE;
            case TYPE_DIRECTORY -> Kind.DIRECTORY;
            default -> Kind.OTHER;
        };
    }

    @Override
    public Path resolve(Path path) throws IOException {
        return path.toRealPath();
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /// @param channel the file
    private record Open(FileChannel channel) implements MailFile {
        @Override
        public void write(ByteBuffer bytes) throws IOException {
            long at = channel.size();
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
        }

        @Override
        public void sync() throws IOException {
            channel.force(true);
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
        public int last() throws IOException {
            ByteBuffer one = ByteBuffer.allocate(1);
            return channel.size() == 0 || channel.read(one, channel.size() - 1) < 1
                    ? -1
                    : one.get(0) & 0xff;
        }

        @Override
        public boolean tryLock() throws IOException {
            try {
                return channel.tryLock() != null;
            } catch (OverlappingFileLockException _) {
                return false;
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
