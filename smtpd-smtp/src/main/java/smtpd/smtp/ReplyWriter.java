package smtpd.smtp;

import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Limits;

import java.io.IOException;
import java.util.Arrays;

/// Gathers replies, so that those to a group of commands leave in one piece (RFC 2920 §3.2).
final class ReplyWriter {
    private static final int FIRST = 256;

    private final ClientStream stream;
    private byte[] pending = new byte[FIRST];
    private int length;

    ReplyWriter(ClientStream stream) {
        this.stream = stream;
    }

    void add(Reply reply) throws IOException {
        byte[] wire = reply.wire();
        if (length + wire.length > Limits.REPLIES) {
            flush();
        }
        if (length + wire.length > pending.length) {
            pending = Arrays.copyOf(pending, Math.max(length + wire.length, pending.length * 2));
        }
        System.arraycopy(wire, 0, pending, length, wire.length);
        length += wire.length;
    }

    void flush() throws IOException {
        if (length > 0) {
            int count = length;
            length = 0;
            stream.write(pending, 0, count);
            if (pending.length > 4 * FIRST) {
                pending = new byte[FIRST];
            }
        }
    }
}
