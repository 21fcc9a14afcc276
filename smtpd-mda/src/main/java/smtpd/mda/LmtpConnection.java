package smtpd.mda;

import smtpd.core.smtp.DotEncoder;
import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.Reply;
import smtpd.core.smtp.ReplyReader;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// A connection to an LMTP server (RFC 2033), greeted and ready for a transaction.
///
/// Belongs to one delivery at a time.
final class LmtpConnection implements Closeable {
    /// How long a local server may take to accept.
    static final Duration CONNECT = Duration.ofSeconds(30);

    /// How long a reply may take (RFC 5321 §4.5.3.2.1 to §4.5.3.2.3).
    static final Duration REPLY = Duration.ofMinutes(5);

    /// How long the replies to the content may take (RFC 5321 §4.5.3.2.6).
    static final Duration END = Duration.ofMinutes(10);

    private final SocketChannel channel;
    private final Watchdog watchdog;
    private final LineReader lines;
    private final ReplyReader replies;
    private boolean takesUtf8;

    private LmtpConnection(SocketChannel channel, Watchdog watchdog) {
        this.channel = channel;
        this.watchdog = watchdog;
        lines = new LineReader(Channels.newInputStream(channel), LineReader.LineEnds.CRLF_OR_LF);
        replies = new ReplyReader(lines);
    }

    /// Connects, reads the greeting and says LHLO.
    ///
    /// @throws IOException if there is no server that is ready
    static LmtpConnection open(SocketAddress server, String helo, Watchdog watchdog)
            throws IOException {
        SocketChannel channel =
                server instanceof java.net.UnixDomainSocketAddress
                        ? SocketChannel.open(java.net.StandardProtocolFamily.UNIX)
                        : SocketChannel.open();
        LmtpConnection connection = new LmtpConnection(channel, watchdog);
        try {
            connection.within(CONNECT, () -> channel.connect(server));
            connection.expectOk(connection.reply(REPLY));
            Reply hello = connection.command("LHLO " + helo);
            connection.expectOk(hello);
            connection.takesUtf8 = hello.lines().stream().anyMatch("SMTPUTF8"::equalsIgnoreCase);
            return connection;
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    /// Whether it offered SMTPUTF8 (RFC 6531 §3.1).
    boolean takesUtf8() {
        return takesUtf8;
    }

    private void expectOk(Reply reply) throws IOException {
        if (reply.kind() != Reply.Kind.COMPLETED) {
            throw new DeliveryFailure(Verdict.tempfail("4.4.2", "LMTP server: " + reply.line()));
        }
    }

    /// Sends a line and reads its reply.
    Reply command(String line) throws IOException {
        byte[] wire = (line + "\r\n").getBytes(StandardCharsets.UTF_8);
        within(REPLY, () -> write(ByteBuffer.wrap(wire)));
        return reply(REPLY);
    }

    /// Sends the content after DATA was accepted.
    ///
    /// @throws DeliveryFailure if the content cannot be had; the connection is of no further use
    void content(String top, Letter letter) throws IOException {
        Dotted out = new Dotted();
        within(
                END,
                () -> {
                    letter.writeTo(top, out);
                    out.end();
                    return true;
                });
    }

    /// Reads the next reply.
    ///
    /// @throws IOException if what comes is none
    Reply reply(Duration patience) throws IOException {
        return switch (within(patience, replies::read)) {
            case ReplyReader.Result.Complete it -> it.reply();
            case ReplyReader.Result.Broken it -> throw broken(it.reason());
            case ReplyReader.Result.Closed _ -> throw broken("connection closed");
        };
    }

    private static DeliveryFailure broken(String why) {
        return new DeliveryFailure(Verdict.tempfail("4.4.2", "LMTP server: " + why));
    }

    /// Whether the next transaction may use it: nothing unasked was said.
    boolean isQuiet() {
        return channel.isOpen() && lines.buffered() == 0;
    }

    /// Says goodbye without waiting for an answer, and closes.
    void quit() {
        try {
            write(ByteBuffer.wrap("QUIT\r\n".getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException _) {
            // It is closed in any case.
        }
        close();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            return;
        }
    }

    private boolean write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        return true;
    }

    private interface Step<T> {
        T run() throws IOException;
    }

    private <T> T within(Duration limit, Step<T> step) throws IOException {
        Watchdog.Limit running = watchdog.after(limit, channel);
        try {
            return step.run();
        } catch (DeliveryFailure e) {
            throw e;
        } catch (IOException e) {
            throw broken(running.reached().get() ? "timeout" : reason(e));
        } finally {
            running.callOff();
        }
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? "connection lost" : e.getMessage();
    }

    /// Content in the form of RFC 5321 §4.5.2, gathered into larger writes.
    private final class Dotted extends OutputStream {
        private static final int GATHER = 32 * 1024;

        private final DotEncoder dots = new DotEncoder();
        private final ByteArrayOutputStream gathered = new ByteArrayOutputStream(4096);

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            dots.encode(bytes, offset, length, gathered::write);
            if (gathered.size() >= GATHER) {
                send();
            }
        }

        void end() throws IOException {
            dots.finish(gathered::write);
            send();
        }

        private void send() throws IOException {
            LmtpConnection.this.write(ByteBuffer.wrap(gathered.toByteArray()));
            gathered.reset();
        }
    }
}
