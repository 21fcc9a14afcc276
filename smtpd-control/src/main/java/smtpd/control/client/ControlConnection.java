package smtpd.control.client;

import smtpd.core.imsg.ControlToCtl;
import smtpd.core.imsg.CtlToControl;
import smtpd.core.imsg.Frame;
import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.imsg.ImsgViolation;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// A connection to the control socket.
final class ControlConnection implements AutoCloseable {
    private final SocketChannel channel;

    private ControlConnection(SocketChannel channel) {
        this.channel = channel;
    }

    /// Takes the parts of an answer, all but its end.
    interface Parts {
        /// The next part.
        void part(ControlToCtl part) throws IOException;
    }

    /// @throws IOException if no daemon listens there
    static ControlConnection open(Path socket) throws IOException {
        return new ControlConnection(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    }

    /// Asks, and returns the end of the answer, [smtpd.core.imsg.Done] and the like.
    ///
    /// @throws IOException if the daemon hangs up or does not speak this protocol
    ControlToCtl ask(CtlToControl request, Parts parts) throws IOException {
        FrameOut out = new FrameOut(256);
        Frame.encode(CtlToControl.CODEC, 1, 0, request, out);
        ByteBuffer bytes = ByteBuffer.wrap(out.array(), 0, out.length());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        while (true) {
            ControlToCtl answer = receive();
            if (!isPart(answer)) {
                return answer;
            }
            parts.part(answer);
        }
    }

    private static boolean isPart(ControlToCtl answer) {
        return answer instanceof smtpd.core.imsg.Lines || answer instanceof ControlToCtl.Content;
    }

    private ControlToCtl receive() throws IOException {
        ByteBuffer header = read(Frame.HEADER);
        int length = header.getInt();
        int type = header.getShort() & 0xffff;
        if (length < 0 || length > Frame.PAYLOAD_MAX) {
            throw new IOException("not a control socket");
        }
        try {
            return Frame.decode(ControlToCtl.CODEC, type, new FrameIn(read(length)));
        } catch (ImsgViolation e) {
            throw new IOException("not a control socket of this version", e);
        }
    }

    private ByteBuffer read(int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("connection closed");
            }
        }
        return bytes.flip();
    }

    /// The socket, once it has become an SMTP session.
    SocketChannel channel() {
        return channel;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // it was of no use any more
        }
    }
}
