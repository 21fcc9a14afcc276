package smtpd.smtp;

import smtpd.testkit.dialogue.BytePipe;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A client in this JVM.
final class PipeStream implements ClientStream {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    final BytePipe toServer = new BytePipe(PATIENCE);
    final BytePipe toClient = new BytePipe(PATIENCE);
    private final InputStream input = toServer.in();
    final List<Duration> waits = new CopyOnWriteArrayList<>();
    int writes;
    volatile Interruption interruption = Interruption.NONE;

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public boolean talks(Duration within) throws IOException {
        waits.add(within);
        return input.available() > 0;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        writes++;
        toClient.out().write(bytes, offset, length);
    }

    @Override
    public Interruption interruption() {
        return interruption;
    }

    @Override
    public void limit(Duration all) {
        // reading from a pipe has its own patience
    }

    @Override
    public void unlimit() {
        // likewise
    }

    /// Ends reading as the watch over deadlines does.
    void interrupt(Interruption why) {
        interruption = why;
        toServer.close();
    }

    @Override
    public void close(boolean linger) {
        toServer.close();
        toClient.close();
    }
}
