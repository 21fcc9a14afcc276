package smtpd.smtp;

import smtpd.core.imsg.StoreTrouble;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;
import smtpd.smtp.protocol.Limits;
import smtpd.smtp.protocol.Queue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/// Keeps messages in memory and checks that sessions keep to their side of the contract.
final class FakeQueue implements Queue {
    /// How the queue behaves.
    enum Mood {
        WELL,
        DOWN,
        FULL,
        COMMIT_FAILS,
        /// Its storage has failed.
        FAILED,
        /// Its storage fails before a message is durable.
        DISK_FAILS,
        /// Runs out of space before a message is durable.
        FILLS_UP,
        /// Dies once it has content.
        DIES
    }

    Mood mood = Mood.WELL;
    final List<String> accepted = new ArrayList<>();
    final List<MsgId> rolledBack = new ArrayList<>();
    final Map<MsgId, ByteArrayOutputStream> open = new LinkedHashMap<>();

    /// Told what is asked for.
    Consumer<String> steps = step -> {};

    int windowsOpen;
    int largestPart;
    private int last = 0x1000;

    @Override
    public Created create() throws PeerLost {
        steps.accept("create");
        if (mood == Mood.DOWN) {
            throw new PeerLost(Role.QUEUE, "down");
        }
        if (mood == Mood.FAILED) {
            return new Created.Refused(StoreTrouble.FAILED, "Input/output error");
        }
        if (mood == Mood.FULL) {
            return new Created.Refused(StoreTrouble.NO_SPACE, "no space");
        }
        MsgId msgid = new MsgId(++last);
        open.put(msgid, new ByteArrayOutputStream());
        return new Created.Message(msgid);
    }

    @Override
    public Window window(MsgId msgid) {
        steps.accept("window");
        windowsOpen++;
        return new Window() {
            private int left = Limits.WINDOW;

            @Override
            public void take(int bytes) throws PeerLost {
                if (mood == Mood.DIES) {
                    throw new PeerLost(Role.QUEUE, "died");
                }
                // Half of the window is written and given back whenever it is used up.
                left = left < bytes ? left + Limits.WINDOW / 2 : left;
                left -= bytes;
            }

            @Override
            public void close() {
                windowsOpen--;
            }
        };
    }

    @Override
    public void body(MsgId msgid, Bytes part) {
        steps.accept("body");
        largestPart = Math.max(largestPart, part.length());
        Objects.requireNonNull(open.get(msgid)).write(part.array(), part.offset(), part.length());
    }

    @Override
    public void lastPart(MsgId msgid, Bytes part) {
        body(msgid, part);
    }

    @Override
    public Settled commit(MsgId msgid, long size, int checksum) throws PeerLost {
        if (mood == Mood.DIES) {
            throw new PeerLost(Role.QUEUE, "died");
        }
        byte[] bytes = Objects.requireNonNull(open.remove(msgid)).toByteArray();
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        steps.accept("commit");
        if (bytes.length != size || (int) crc.getValue() != checksum) {
            throw new AssertionError("size or checksum of " + msgid);
        }
        if (mood == Mood.COMMIT_FAILS) {
            return new Settled.Refused(StoreTrouble.OTHER, "the wrong size");
        }
        if (mood == Mood.DISK_FAILS) {
            return new Settled.Refused(StoreTrouble.FAILED, "Input/output error");
        }
        if (mood == Mood.FILLS_UP) {
            return new Settled.Refused(StoreTrouble.NO_SPACE, "no space");
        }
        accepted.add(new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1));
        return new Settled.Durable();
    }

    @Override
    public void rollback(MsgId msgid) {
        if (open.remove(msgid) == null) {
            throw new AssertionError("rollback of a message that is not open: " + msgid);
        }
        rolledBack.add(msgid);
        steps.accept("rollback");
    }
}
