package smtpd.lka.table.proc;

import org.jspecify.annotations.Nullable;

import smtpd.core.sys.FdSocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Table programs played by the test: each start gives a run, whose lines the test reads and
/// writes.
final class Scripted implements ProgramStarter, AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;

    private final BlockingQueue<Run> started = new LinkedBlockingQueue<>();
    private final List<FdSocket> sockets = new CopyOnWriteArrayList<>();
    final BlockingQueue<String> ended = new LinkedBlockingQueue<>();
    volatile String refusal = "";

    @Override
    public FdSocket start(String table) throws IOException {
        if (!refusal.isEmpty()) {
            throw new IOException(refusal);
        }
        FdSocket[] pair = FdSocket.pair();
        sockets.add(pair[1]);
        started.add(new Run(pair[1]));
        return pair[0];
    }

    @Override
    public void end(String table) {
        ended.add(table);
    }

    Run run() throws InterruptedException {
        Run run = started.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (run == null) {
            throw new AssertionError("the program is not started");
        }
        return run;
    }

    @Override
    public void close() {
        refusal = "over";
        sockets.forEach(FdSocket::close);
    }

    /// One run.
    static final class Run {
        private final FdSocket socket;
        private final Lines lines;

        private Run(FdSocket socket) {
            this.socket = socket;
            lines = new Lines(socket);
        }

        /// The next line; null at the end.
        @Nullable String read() throws IOException {
            return lines.next();
        }

        void say(String... texts) throws IOException {
            byte[] bytes = (String.join("\n", texts) + "\n").getBytes(StandardCharsets.UTF_8);
            socket.send(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
        }

        /// Reads the greeting and registers services.
        Run register(String... services) throws IOException {
            for (int i = 0; i < 4; i++) {
                String line = read();
                if (line == null || !line.startsWith("config|")) {
                    throw new AssertionError(line);
                }
            }
            for (String service : services) {
                say("register|" + service);
            }
            say("register|ready");
            return this;
        }

        /// The next question, without its time: `lookup|alias|7|bob`.
        String question() throws IOException {
            String line = String.valueOf(read());
            String[] parts = line.split("\\|", 5);
            if (parts.length < 5 || !parts[2].matches("[0-9]+\\.[0-9]{6}")) {
                throw new AssertionError(line);
            }
            return parts[4];
        }

        void die() {
            socket.close();
        }
    }
}
