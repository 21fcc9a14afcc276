package smtpd.queue.store;

import smtpd.core.fs.SpoolFile;
import smtpd.core.fs.SpoolFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// The `corrupt` directory: damaged bytes with the reason, for a human to look at.
final class Quarantine {
    private final SpoolFs fs;
    private final Consumer<StoreNotice> notices;

    Quarantine(SpoolFs fs, Consumer<StoreNotice> notices) {
        this.fs = fs;
        this.notices = notices;
    }

    /// Copies a damaged range of a segment; once, however often it is met. Returns whether the copy
    /// is there: a disk too full for it is no reason to refuse the rest.
    boolean keep(SpoolFile file, int segment, SegmentScan.Hole hole, boolean torn) {
        String where = SegmentFormat.path(segment) + " bytes " + hole.from() + " to " + hole.to();
        try {
            ByteBuffer bytes = ByteBuffer.allocate(hole.to() - hole.from());
            file.read(hole.from(), bytes);
            bytes.flip();
            String name =
                    SegmentFormat.CORRUPT_DIR
                            + String.format(
                                    "/%08x-%08x-%08x",
                                    segment, hole.from(), SegmentFormat.crc(bytes));
            boolean fresh = write(name + ".bad", bytes);
            String reason =
                    where
                            + (torn
                                    ? ": a write that was never completed, or damaged"
                                    : ": checksum does not match");
            write(name + ".txt", ByteBuffer.wrap((reason + "\n").getBytes(StandardCharsets.UTF_8)));
            if (fresh) {
                String text = reason + "; copied to " + name + ".bad";
                notices.accept(torn ? StoreNotice.info(text) : StoreNotice.warn(text));
            }
            return true;
        } catch (IOException e) {
            notices.accept(StoreNotice.warn(where + ": damaged, and not copied: " + e));
            return false;
        }
    }

    /// Notes why a message is held.
    void hold(MsgId id, String why) {
        String reason = "message " + id + " held: " + why;
        try {
            write(
                    SegmentFormat.CORRUPT_DIR + "/message-" + id + ".txt",
                    ByteBuffer.wrap((reason + "\n").getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            notices.accept(StoreNotice.warn("corrupt: " + e));
        }
        notices.accept(StoreNotice.warn(reason));
    }

    /// Keeps the bytes of an envelope that mean nothing, as far as they can be had, and notes why;
    /// once, however often it is met.
    void hold(EvpId id, Stored stored, String why) {
        String reason = "envelope " + id + " held: " + why;
        boolean fresh = true;
        String name = SegmentFormat.CORRUPT_DIR + "/envelope-" + id;
        try {
            if (stored instanceof Stored.Found found) {
                write(name + ".bad", bytes(found.envelope()));
                if (found.state().isPresent()) {
                    write(name + ".state.bad", bytes(found.state().get()));
                }
            }
            fresh = write(name + ".txt", bytes(Bytes.of(reason + "\n")));
        } catch (IOException e) {
            notices.accept(StoreNotice.warn("corrupt: " + e));
        }
        if (fresh) {
            notices.accept(StoreNotice.warn(reason));
        }
    }

    /// Keeps a copy of a file that means nothing; once, however often it is met.
    void file(String file, ByteBuffer bytes, String why) {
        String name = SegmentFormat.CORRUPT_DIR + "/" + file.replace('/', '-');
        try {
            if (write(name + ".bad", bytes)) {
                write(name + ".txt", bytes(Bytes.of(why + "\n")));
                notices.accept(StoreNotice.warn(why + "; copied to " + name + ".bad"));
            }
        } catch (IOException e) {
            notices.accept(StoreNotice.warn(why + ": not copied: " + e));
        }
    }

    /// Says something about the spool that needs no copy.
    void notice(String text) {
        notices.accept(StoreNotice.warn(text));
    }

    private static ByteBuffer bytes(Bytes bytes) {
        return ByteBuffer.wrap(bytes.array(), bytes.offset(), bytes.length()).slice();
    }

    private boolean write(String name, ByteBuffer bytes) throws IOException {
        fs.makeDir(SegmentFormat.CORRUPT_DIR);
        int slash = name.lastIndexOf('/');
        if (fs.list(SegmentFormat.CORRUPT_DIR).contains(name.substring(slash + 1))) {
            return false;
        }
        try (SpoolFile file = fs.create(name)) {
            file.write(0, bytes);
            file.force();
        }
        fs.forceDir(SegmentFormat.CORRUPT_DIR);
        return true;
    }
}
