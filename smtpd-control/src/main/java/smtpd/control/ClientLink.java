package smtpd.control;

import smtpd.core.imsg.ControlToCtl;
import smtpd.core.imsg.CtlToControl;
import smtpd.core.imsg.Frame;
import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.imsg.ImsgViolation;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/// One connection to the control socket: a request in, an answer out, read and written by one
/// platform thread, and cut off by another when its time is up.
///
/// Reads exactly the frames and never ahead, so that the connection can be handed over.
final class ClientLink implements AutoCloseable {
    /// Payload of the longest request: a table's or a user's name fits many times.
    static final int REQUEST_MAX = 4096;

    /// Bytes handed to the kernel at a time.
    private static final int CHUNK = 16 * 1024;

    private final FdSocket socket;
    private final ClientLimits limits;
    private final ByteBuffer in = ByteBuffer.allocateDirect(Frame.HEADER + REQUEST_MAX);
    private final ByteBuffer out = ByteBuffer.allocateDirect(CHUNK);
    private long due = Long.MAX_VALUE;
    private boolean over;

    /// A request as it came.
    ///
    /// @param id to be repeated in the answers
    record Request(long id, CtlToControl message) {}

    ClientLink(FdSocket socket, ClientLimits limits) {
        this.socket = socket;
        this.limits = limits;
    }

    /// Waits for the next request; empty at the end of the connection.
    ///
    /// @throws ImsgViolation if it is none
    Optional<Request> read() throws SysException {
        allow(limits.idle());
        in.clear();
        if (!fill(Frame.HEADER)) {
            return Optional.empty();
        }
        int length = in.getInt(0);
        if (length < 0 || length > REQUEST_MAX) {
            throw new ImsgViolation("request of " + length + " bytes");
        }
        if (in.getShort(6) != 0) {
            throw new ImsgViolation("unknown flags");
        }
        if (!fill(Frame.HEADER + length)) {
            return Optional.empty();
        }
        allow(null);
        byte[] payload = new byte[length];
        in.get(Frame.HEADER, payload);
        CtlToControl message =
                Frame.decode(
                        CtlToControl.CODEC,
                        in.getShort(4) & 0xffff,
                        new FrameIn(ByteBuffer.wrap(payload)));
        return Optional.of(new Request(in.getLong(8), message));
    }

    /// Reads until `count` bytes are in the buffer; false at the end of the connection.
    private boolean fill(int count) throws SysException {
        in.limit(count);
        while (in.hasRemaining()) {
            if (socket.receive(in, ClientLink::refuse) < 0) {
                return false;
            }
        }
        return true;
    }

    private static void refuse(int fd) {
        Descriptors.close(fd);
        throw new ImsgViolation("a descriptor nobody asked for");
    }

    /// Sends a part of an answer; waits for the client to take it.
    void write(long id, ControlToCtl answer) throws SysException {
        FrameOut frame = new FrameOut(1024);
        Frame.encode(ControlToCtl.CODEC, id, Frame.ANSWER, answer, frame);
        send(frame.array(), frame.length());
    }

    /// Sends a line of SMTP, once the client has been told that it is in a session.
    void writeReply(String reply) throws SysException {
        byte[] bytes = (reply + "\r\n").getBytes(StandardCharsets.US_ASCII);
        send(bytes, bytes.length);
    }

    private void send(byte[] bytes, int length) throws SysException {
        for (int at = 0; at < length; at += CHUNK) {
            out.clear().put(bytes, at, Math.min(CHUNK, length - at)).flip();
            allow(limits.write());
            socket.send(out);
        }
        allow(null);
    }

    /// The descriptor, for somebody else to get a duplicate of.
    int fd() {
        return socket.fd();
    }

    /// Sets when the client's time is up; null for never.
    private synchronized void allow(@org.jspecify.annotations.Nullable Duration time) {
        due = time == null ? Long.MAX_VALUE : System.nanoTime() + time.toNanos();
    }

    /// Cuts the client off if its time is up; called by the watching thread.
    ///
    /// @return whether it was cut off
    synchronized boolean expire() {
        boolean late = !over && due != Long.MAX_VALUE && due - System.nanoTime() < 0;
        if (late) {
            socket.shutdown();
        }
        return late;
    }

    /// Gives our descriptor back and leaves the connection to whoever got a duplicate.
    synchronized void leave() {
        if (!over) {
            over = true;
            Descriptors.close(socket.fd());
        }
    }

    /// Ends the connection, unless it was left to somebody else.
    @Override
    public void close() {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
        }
        socket.close();
    }
}
