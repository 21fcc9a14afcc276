package smtpd.smtp.protocol;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.PeerLost;
import smtpd.core.smtp.ByteSink;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BiConsumer;
import java.util.zip.CRC32C;

/// Sends a message's content to the queue in parts of up to [Limits#BODY_PART] bytes, never more
/// than [Limits#WINDOW] ahead. A message of one part needs no account of the window.
public final class BodyWriter implements ByteSink, AutoCloseable {
    private static final int FIRST = 4096;

    private final Queue queue;
    private final MsgId msgid;
    private final CRC32C checksum = new CRC32C();
    private byte[] part = new byte[FIRST];
    private int filled;
    private long size;
    private Queue.@Nullable Window window;
    private boolean lost;

    /// A writer of the content of `msgid`.
    public BodyWriter(Queue queue, MsgId msgid) {
        this.queue = queue;
        this.msgid = msgid;
    }

    /// Writes text.
    public void write(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        write(bytes, 0, bytes.length);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end && !lost) {
            if (filled == Limits.BODY_PART) {
                account();
                send(queue::body);
            }
            int count = Math.min(end - at, Limits.BODY_PART - filled);
            makeRoom(filled + count);
            System.arraycopy(bytes, at, part, filled, count);
            filled += count;
            at += count;
        }
    }

    private void makeRoom(int wanted) {
        if (wanted > part.length) {
            int doubled = Math.min(part.length * 2, Limits.BODY_PART);
            part = Arrays.copyOf(part, Math.max(wanted, doubled));
        }
    }

    /// Sends what is left; the transaction is to be settled at once.
    public void finish() {
        if (filled > 0 && !lost) {
            if (window != null) {
                account();
            }
            send(queue::lastPart);
        }
    }

    private void account() {
        if (window == null) {
            window = queue.window(msgid);
        }
        try {
            window.take(filled);
        } catch (PeerLost e) {
            lost = true;
        }
    }

    private void send(BiConsumer<MsgId, Bytes> how) {
        if (lost) {
            return;
        }
        checksum.update(part, 0, filled);
        size += filled;
        how.accept(msgid, Bytes.of(part, 0, filled));
        filled = 0;
    }

    /// Whether the queue is gone, and the message with it.
    public boolean lost() {
        return lost;
    }

    /// Bytes sent so far.
    public long size() {
        return size;
    }

    /// CRC-32C of the bytes sent so far.
    public int checksum() {
        return (int) checksum.getValue();
    }

    /// Gives the account of the window back.
    @Override
    public void close() {
        if (window != null) {
            window.close();
        }
    }
}
