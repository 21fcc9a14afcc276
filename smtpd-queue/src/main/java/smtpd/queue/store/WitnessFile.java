package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/// A [Witness] in a small file (`queue witness`), which is written in place: two slots in turn, of
/// which the later whole one counts.
///
/// Each slot has a sector of its own: `smtpdwit`, version (1), how often the file was written, 16
/// bytes that say which roster (zeros: none), its number, the name of the store, CRC-32C.
///
/// What was seen is written by [#write()], which somebody calls off the way of mail; it is not
/// synced before the end. What a power cut takes of it leaves a lower number of the same roster,
/// for another roster is in both slots, durably, before it is in the store.
public final class WitnessFile implements Witness {
    /// How far the slots are from each other: a sector.
    static final int SLOT = 512;

    /// Bytes of a slot that are used.
    static final int USED = 64;

    /// Bytes of the file.
    static final int SIZE = SLOT + USED;

    private static final int VERSION = 1;
    private static final byte[] MAGIC = "smtpdwit".getBytes(StandardCharsets.US_ASCII);
    private static final int ROSTER = 16;
    private static final int NAME = 16;
    private static final Bytes NO_ROSTER = Bytes.of(new byte[ROSTER]);

    /// What a whole slot says.
    private record Slot(long serial, Bytes roster, long number, String store) {
        Seen seen() {
            return roster.equals(NO_ROSTER)
                    ? new Seen.New()
                    : new Seen.Latest(roster, number, store);
        }
    }

    private final Path path;
    private final FileChannel file;
    private final String store;
    private final Consumer<StoreNotice> notices;
    private final Seen seen;
    private volatile long number;
    private volatile Runnable wake = () -> {};
    private volatile Runnable stop = () -> {};

    // guarded by this
    private Bytes roster;
    private long serial;
    private long written;
    private boolean failing;
    private boolean unsynced;

    private WitnessFile(Path path, FileChannel file, String store, Consumer<StoreNotice> notices)
            throws IOException {
        this.path = path;
        this.file = file;
        this.store = store;
        this.notices = notices;
        ByteBuffer bytes = read();
        @Nullable Slot last = later(slot(bytes, 0), slot(bytes, SLOT));
        if (last == null) {
            seen = bytes.limit() == 0 ? new Seen.New() : new Seen.Unknown(path + " is damaged");
            roster = NO_ROSTER;
        } else {
            seen = last.seen();
            roster = last.roster;
            serial = last.serial;
            written = last.number;
        }
        number = written;
    }

    /// Opens a witness of the store of that name, making it when it is missing. Throws
    /// [SpoolRefusedException] for a file that is none or of a later version, [IOException] when it
    /// cannot be read and written.
    public static WitnessFile open(Path path, String store, Consumer<StoreNotice> notices)
            throws IOException {
        FileChannel file;
        try {
            file =
                    FileChannel.open(
                            path,
                            Set.of(
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.READ,
                                    StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw new IOException("queue witness cannot be opened for writing: " + e, e);
        }
        try {
            return new WitnessFile(path, file, store, notices);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /// Tells whom to wake when something was seen, and what to call first when it is closed.
    void attach(Runnable wakeUp, Runnable beforeClose) {
        wake = wakeUp;
        stop = beforeClose;
    }

    private ByteBuffer read() throws IOException {
        long size = file.size();
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(size, SIZE + 1));
        while (bytes.hasRemaining() && file.read(bytes, bytes.position()) >= 0) {
            // until it is read
        }
        bytes.flip();
        boolean ours = isBlank(bytes) || begins(bytes, 0) || begins(bytes, SLOT);
        if (size > SIZE || !ours) {
            throw new SpoolRefusedException("queue witness " + path + " is another file, not one");
        }
        return bytes;
    }

    /// A file that was made and never written, or whose bytes did not reach the disk.
    private static boolean isBlank(ByteBuffer bytes) {
        for (int i = 0; i < bytes.limit(); i++) {
            if (bytes.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean begins(ByteBuffer bytes, int at) {
        return bytes.limit() >= at + MAGIC.length
                && bytes.slice(at, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
    }

    private @Nullable Slot slot(ByteBuffer bytes, int at) throws SpoolRefusedException {
        if (bytes.limit() < at + USED || !begins(bytes, at)) {
            return null;
        }
        ByteBuffer in = bytes.slice(at, USED);
        if (checksum(in) != in.getInt(USED - 4)) {
            return null;
        }
        in.position(MAGIC.length);
        int version = in.getInt();
        if (version != VERSION) {
            throw new SpoolRefusedException(
                    "queue witness "
                            + path
                            + ": format version "
                            + version
                            + ", this program knows version "
                            + VERSION);
        }
        long times = in.getLong();
        byte[] which = new byte[ROSTER];
        in.get(which);
        long highest = in.getLong();
        byte[] name = new byte[NAME];
        in.get(name);
        String text = new String(name, StandardCharsets.US_ASCII).replace("\0", "");
        return new Slot(times, Bytes.of(which), highest, text);
    }

    private static int checksum(ByteBuffer slot) {
        CRC32C crc = new CRC32C();
        crc.update(slot.slice(0, USED - 4));
        return (int) crc.getValue();
    }

    private static @Nullable Slot later(@Nullable Slot one, @Nullable Slot other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.serial > other.serial ? one : other;
    }

    @Override
    public Seen seen() {
        return seen;
    }

    @Override
    public String store() {
        return store;
    }

    @Override
    public void forget() throws IOException {
        if (seen instanceof Seen.Latest) {
            begin(NO_ROSTER);
        }
    }

    /// Both slots: else a power cut could leave the roster before in one of them.
    @Override
    public synchronized void begin(Bytes next) throws IOException {
        roster = next;
        written = 0;
        number = 0;
        try {
            put(0);
            file.force(true);
            put(0);
            file.force(true);
        } catch (IOException e) {
            throw new IOException("queue witness " + path + " cannot be written: " + e, e);
        }
    }

    @Override
    public void saw(long seenNow) {
        if (seenNow > number) {
            number = seenNow;
            wake.run();
        }
    }

    /// Whether something was seen and not written.
    synchronized boolean isBehind() {
        return number > written;
    }

    /// Writes what was seen, if that is new. What cannot be written is tried again with the next
    /// call, and warned of once.
    synchronized void write() {
        long now = number;
        if (now <= written) {
            return;
        }
        try {
            put(now);
            written = now;
            failing = false;
            unsynced = true;
        } catch (IOException e) {
            if (!failing) {
                failing = true;
                notices.accept(
                        StoreNotice.warn(
                                "witness "
                                        + path
                                        + " cannot be written: "
                                        + e
                                        + "; it says less than was seen until it can"));
            }
        }
    }

    private void put(long highest) throws IOException {
        long next = serial + 1;
        byte[] name = store.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer out =
                ByteBuffer.allocate(USED)
                        .put(MAGIC)
                        .putInt(VERSION)
                        .putLong(next)
                        .put(roster.toByteArray())
                        .putLong(highest)
                        .put(Arrays.copyOf(name, NAME));
        out.putInt(USED - 4, checksum(out)).clear();
        long at = (next & 1) * SLOT;
        while (out.hasRemaining()) {
            file.write(out, at + out.position());
        }
        serial = next;
    }

    @Override
    public void close() {
        stop.run();
        write();
        end();
    }

    private synchronized void end() {
        try {
            if (unsynced) {
                file.force(false);
            }
            file.close();
        } catch (IOException e) {
            notices.accept(StoreNotice.warn("witness " + path + ": " + e));
        }
    }
}
