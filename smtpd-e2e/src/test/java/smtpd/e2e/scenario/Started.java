package smtpd.e2e.scenario;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What a test class has started, to be ended when its tests are over: a daemon first, then what
/// stands beside it, the last first.
public final class Started implements AutoCloseable {
    private final List<AutoCloseable> beside = new ArrayList<>();
    private @Nullable Daemon daemon;

    /// The daemon of the class, prepared for an account.
    public Daemon prepare(Account account) throws IOException, InterruptedException {
        Daemon prepared = Daemon.prepare(account);
        daemon = prepared;
        return prepared;
    }

    /// The daemon of the class.
    public Daemon daemon() {
        if (daemon == null) {
            throw new IllegalStateException("not started");
        }
        return daemon;
    }

    /// Something beside the daemon.
    public <T extends AutoCloseable> T add(T started) {
        beside.add(started);
        return started;
    }

    @Override
    public void close() throws IOException {
        List<AutoCloseable> all = new ArrayList<>(beside);
        if (daemon != null) {
            all.add(daemon);
        }
        IOException failure = new IOException("not ended as it should");
        for (AutoCloseable each : all.reversed()) {
            try {
                each.close();
            } catch (Exception e) {
                failure.addSuppressed(e);
            }
        }
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }
}
