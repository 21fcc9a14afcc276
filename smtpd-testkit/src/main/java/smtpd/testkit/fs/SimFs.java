package smtpd.testkit.fs;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.AlreadyLockedException;
import smtpd.core.fs.NoSpaceException;
import smtpd.core.fs.SpoolFile;
import smtpd.core.fs.SpoolFs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;

/// A disk in memory that fails as real ones do, deterministically from a seed.
///
/// Every call that changes something or makes something durable is numbered from 1; a fault plan
/// says what goes wrong in which. After a [SimCrash], or at any time, [#powerCut()] leaves what a
/// power cut would leave, and [#kill()] what the death of the process alone would.
///
/// For one thread, or for several that lock among themselves; locking is on this object.
public final class SimFs implements SpoolFs {
    private sealed interface Entry {
        record Create(String name, SimInode inode) implements Entry {}

        record Rename(String from, String to) implements Entry {}

        record Unlink(String name) implements Entry {}
    }

    private final RandomGenerator random;
    private final NavigableSet<String> dirs = new TreeSet<>();
    private final NavigableSet<String> locks = new TreeSet<>();
    private TreeMap<String, SimInode> now = new TreeMap<>();
    private TreeMap<String, SimInode> durable = new TreeMap<>();
    private final List<Entry> unforced = new ArrayList<>();
    private LongFunction<@Nullable DiskFault> plan = _ -> null;
    private long calls;
    private long life;
    private long capacity = 1L << 40;

    /// An empty disk whose misfortunes follow from `seed`.
    public SimFs(long seed) {
        this.random = new SplittableRandom(seed);
        dirs.add("");
    }

    /// Says what goes wrong: by the number of the call, null for nothing.
    public synchronized void plan(LongFunction<@Nullable DiskFault> faults) {
        plan = faults;
    }

    /// Lets exactly call number `call` fail, and nothing else.
    public void failOnce(long call, DiskFault fault) {
        plan(n -> n == call ? fault : null);
    }

    /// How many numbered calls there were.
    public synchronized long calls() {
        return calls;
    }

    /// Sets how many bytes the disk holds in all.
    public synchronized void capacity(long bytes) {
        capacity = bytes;
    }

    /// How many bytes its files have.
    public synchronized long used() {
        return now.values().stream().mapToLong(SimInode::size).sum();
    }

    /// The names of all files, sorted.
    public synchronized List<String> names() {
        return List.copyOf(now.keySet());
    }

    /// The machine dies and starts again: what was not forced is lost, kept or torn.
    public synchronized void powerCut() {
        for (Entry entry : unforced) {
            if (random.nextBoolean()) {
                play(entry, durable);
            }
        }
        reboot(durable);
        now.values().stream().distinct().forEach(inode -> inode.crash(random));
    }

    /// The process dies: everything it wrote is still there.
    public synchronized void kill() {
        reboot(now);
    }

    private void reboot(Map<String, SimInode> survivors) {
        now = new TreeMap<>(survivors);
        durable = new TreeMap<>(survivors);
        unforced.clear();
        locks.clear();
        life++;
        plan = _ -> null;
    }

    /// Flips one bit of a file for good; bits count from the file's beginning.
    public synchronized void flipBit(String name, long bit) throws IOException {
        inode(name).flipBit(bit);
    }

    private static void play(Entry entry, Map<String, SimInode> names) {
        switch (entry) {
            case Entry.Create(String name, SimInode inode) -> names.put(name, inode);
            case Entry.Unlink(String name) -> names.remove(name);
            case Entry.Rename(String from, String to) -> {
                SimInode inode = names.remove(from);
                if (inode != null) {
                    names.put(to, inode);
                }
            }
        }
    }

    private void change(Entry entry) {
        play(entry, now);
        unforced.add(entry);
    }

    private SimInode inode(String name) throws NoSuchFileException {
        SimInode inode = now.get(name);
        if (inode == null) {
            throw new NoSuchFileException(name);
        }
        return inode;
    }

    private static String dirOf(String name) {
        int slash = name.lastIndexOf('/');
        return slash < 0 ? "" : name.substring(0, slash);
    }

    private static String dirOf(Entry entry) {
        return switch (entry) {
            case Entry.Create(String name, _) -> dirOf(name);
            case Entry.Unlink(String name) -> dirOf(name);
            case Entry.Rename(_, String to) -> dirOf(to);
        };
    }

    /// Something with an effect, as it happens inside a numbered call.
    private interface Effect {
        void happen() throws IOException;
    }

    private void call(String operation, Effect effect, Effect part) throws IOException {
        calls++;
        DiskFault fault = plan.apply(calls);
        boolean takesSpace = operation.startsWith("write") || operation.startsWith("create");
        if (fault == null || (fault == DiskFault.NO_SPACE && !takesSpace)) {
            effect.happen();
            return;
        }
        switch (fault) {
            case CRASH_BEFORE -> throw new SimCrash(calls);
            case CRASH_AFTER -> {
                effect.happen();
                throw new SimCrash(calls);
            }
            case NO_SPACE -> {
                part.happen();
                throw new NoSpaceException(operation);
            }
            case IO_ERROR -> {
                part.happen();
                throw new IOException(operation + ": input/output error");
            }
        }
    }

    private static void nothing() {}

    @Override
    public synchronized SpoolFile create(String name) throws IOException {
        if (now.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        if (!dirs.contains(dirOf(name))) {
            throw new NoSuchFileException(dirOf(name));
        }
        call(
                "create " + name,
                () -> change(new Entry.Create(name, new SimInode())),
                SimFs::nothing);
        return new OpenFile(name, inode(name));
    }

    @Override
    public synchronized SpoolFile open(String name) throws IOException {
        return new OpenFile(name, inode(name));
    }

    @Override
    public synchronized SpoolFile openForReading(String name) throws IOException {
        return new OpenFile(name, inode(name));
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        inode(from);
        call("rename " + from, () -> change(new Entry.Rename(from, to)), SimFs::nothing);
    }

    @Override
    public synchronized void unlink(String name) throws IOException {
        inode(name);
        call("unlink " + name, () -> change(new Entry.Unlink(name)), SimFs::nothing);
    }

    @Override
    public synchronized void makeDir(String dir) {
        for (String d = dir; !d.isEmpty(); d = dirOf(d)) {
            dirs.add(d);
        }
    }

    @Override
    public synchronized List<String> list(String dir) {
        NavigableSet<String> below =
                dir.isEmpty()
                        ? now.navigableKeySet()
                        : now.navigableKeySet().subSet(dir + "/", false, dir + "0", false);
        return below.stream()
                .filter(name -> dirOf(name).equals(dir))
                .map(name -> dir.isEmpty() ? name : name.substring(dir.length() + 1))
                .toList();
    }

    @Override
    public synchronized void forceDir(String dir) throws IOException {
        call("force " + dir, () -> forceEntries(dir), SimFs::nothing);
    }

    private void forceEntries(String dir) {
        for (Entry entry : unforced) {
            if (dirOf(entry).equals(dir)) {
                play(entry, durable);
            }
        }
        unforced.removeIf(entry -> dirOf(entry).equals(dir));
    }

    @Override
    public synchronized long usableSpace() {
        return Math.max(0, capacity - used());
    }

    @Override
    public synchronized long totalSpace() {
        return capacity;
    }

    @Override
    public synchronized Closeable lock(String name) throws IOException {
        if (!locks.add(name)) {
            throw new AlreadyLockedException(name);
        }
        long mine = life;
        return () -> unlock(name, mine);
    }

    private synchronized void unlock(String name, long lockedIn) {
        if (life == lockedIn) {
            locks.remove(name);
        }
    }

    private final class OpenFile implements SpoolFile {
        private final String name;
        private final SimInode inode;
        private final long openedIn = life;
        private boolean closed;

        OpenFile(String name, SimInode inode) {
            this.name = name;
            this.inode = inode;
        }

        private void alive() throws IOException {
            if (closed || openedIn != life) {
                throw new IOException(name + ": closed");
            }
        }

        @Override
        public int read(long position, ByteBuffer into) throws IOException {
            synchronized (SimFs.this) {
                alive();
                byte[] bytes = new byte[into.remaining()];
                int n = inode.read(position, bytes);
                into.put(bytes, 0, n);
                return n;
            }
        }

        @Override
        public void write(long position, ByteBuffer from) throws IOException {
            synchronized (SimFs.this) {
                alive();
                byte[] bytes = new byte[from.remaining()];
                from.get(bytes);
                int at = Math.toIntExact(position);
                long growth = Math.max(0, position + bytes.length - inode.size());
                if (growth > usableSpace()) {
                    calls++;
                    writePart(at, bytes, usableSpace());
                    throw new NoSpaceException("write " + name);
                }
                call(
                        "write " + name,
                        () -> inode.write(at, bytes),
                        () -> writePart(at, bytes, bytes.length));
            }
        }

        private void writePart(int at, byte[] bytes, long atMost) {
            int kept = random.nextInt((int) Math.min(bytes.length, atMost) + 1);
            inode.write(at, java.util.Arrays.copyOf(bytes, kept));
        }

        @Override
        public void force() throws IOException {
            synchronized (SimFs.this) {
                alive();
                call("force " + name, inode::force, inode::forceFailed);
            }
        }

        @Override
        public long size() throws IOException {
            synchronized (SimFs.this) {
                alive();
                return inode.size();
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (SimFs.this) {
                alive();
                int to = Math.toIntExact(size);
                call("truncate " + name, () -> inode.truncate(to), SimFs::nothing);
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
