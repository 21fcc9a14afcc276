package smtpd.core.proc;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.Codec;
import smtpd.core.imsg.Frame;
import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.ImsgViolation;
import smtpd.core.proc.LinkListener.Arrived;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// The reading half of a link: a platform thread that cuts the stream into frames and decodes them
/// strictly.
///
/// @param <I> what the peer may say
final class LinkReader<I> implements Runnable {
    private static final int CHUNK = 64 * 1024;

    /// Descriptors that may wait for their frames: each comes with the first byte of its frame, so
    /// that more than one only waits while the one before it is being cut out.
    private static final int FDS_MAX = 4;

    private final Link<?, I> link;
    private final FdSocket socket;
    private final CountDownLatch done = new CountDownLatch(1);
    private final Codec<I> codec;
    private final LinkListener<I> listener;
    private final ArrayDeque<Integer> fds = new ArrayDeque<>();
    private byte[] bytes = new byte[CHUNK];
    private int start;
    private int end;
    private @Nullable LinkReader<I> previous;

    LinkReader(Link<?, I> link, FdSocket socket, Codec<I> codec, LinkListener<I> listener) {
        this.link = link;
        this.socket = socket;
        this.codec = codec;
        this.listener = listener;
    }

    /// Names the reader whose last word must be spoken before this one's first.
    void follow(LinkReader<I> before) {
        previous = before;
    }

    @Override
    public void run() {
        awaitPrevious();
        String reason = readUntilEnd();
        fds.forEach(Descriptors::close);
        link.release();
        listener.ended(link, reason);
        done.countDown();
    }

    private void awaitPrevious() {
        LinkReader<I> before = previous;
        previous = null;
        if (before != null) {
            try {
                before.done.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException("a reader is never interrupted", e);
            }
        }
    }

    private String readUntilEnd() {
        ByteBuffer direct = ByteBuffer.allocateDirect(CHUNK);
        try {
            while (true) {
                direct.clear();
                if (socket.receive(direct, fds::add) < 0) {
                    return start == end ? "" : "ended inside a frame";
                }
                append(direct.flip());
                List<Arrived<I>> frames = cut();
                if (fds.size() > FDS_MAX) {
                    throw new ImsgViolation("descriptors without frames");
                }
                if (!frames.isEmpty()) {
                    listener.arrived(link, frames);
                }
            }
        } catch (ImsgViolation e) {
            return "violation: " + e.getMessage();
        } catch (SysException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void append(ByteBuffer direct) {
        int count = direct.remaining();
        if (bytes.length - end < count) {
            int held = end - start;
            byte[] target = bytes.length - held < count ? new byte[capacity(held + count)] : bytes;
            System.arraycopy(bytes, start, target, 0, held);
            bytes = target;
            start = 0;
            end = held;
        }
        direct.get(bytes, end, count);
        end += count;
    }

    private int capacity(int needed) {
        return Math.max(
                needed, Math.min(bytes.length * 2, Frame.PAYLOAD_MAX + Frame.HEADER + CHUNK));
    }

    private List<Arrived<I>> cut() {
        List<Arrived<I>> frames = new ArrayList<>();
        while (end - start >= Frame.HEADER) {
            ByteBuffer header = ByteBuffer.wrap(bytes, start, Frame.HEADER);
            int length = header.getInt();
            if (length < 0 || length > Frame.PAYLOAD_MAX) {
                throw new ImsgViolation("frame of " + length + " bytes");
            }
            if (end - start - Frame.HEADER < length) {
                break;
            }
            int type = header.getShort() & 0xffff;
            int flags = header.getShort() & 0xffff;
            frames.add(decode(type, flags, header.getLong(), length));
            start += Frame.HEADER + length;
        }
        if (start == end) {
            start = 0;
            end = 0;
            shrink();
        }
        return frames;
    }

    private Arrived<I> decode(int type, int flags, long id, int length) {
        if ((flags & ~(Frame.ANSWER | Frame.WITH_FD)) != 0) {
            throw new ImsgViolation("unknown flags");
        }
        ByteBuffer payload = ByteBuffer.wrap(bytes, start + Frame.HEADER, length);
        I message = Frame.decode(codec, type, new FrameIn(payload));
        int fd = (flags & Frame.WITH_FD) == 0 ? -1 : takeFd();
        ImsgTrace.received(link.name(), id, flags, message);
        return new Arrived<>(id, (flags & Frame.ANSWER) != 0, message, fd);
    }

    private int takeFd() {
        Integer fd = fds.poll();
        if (fd == null) {
            throw new ImsgViolation("descriptor missing");
        }
        return fd;
    }

    private void shrink() {
        if (bytes.length > 16 * CHUNK) {
            bytes = Arrays.copyOf(bytes, CHUNK);
        }
    }
}
