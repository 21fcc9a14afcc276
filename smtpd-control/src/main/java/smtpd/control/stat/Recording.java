package smtpd.control.stat;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/// The backends that keep a history: `ram` and `sqlite`.
public final class Recording implements Backend {
    private static final Logger LOG = LoggerFactory.getLogger(Recording.class);

    private final Recorder recorder;
    private final Map<String, Metric> totals;
    private final Runnable end;
    private boolean failing;

    private Recording(Recorder recorder, Map<String, Metric> totals, Runnable end) {
        this.recorder = recorder;
        this.totals = totals;
        this.end = end;
    }

    /// In memory.
    public static Recording ram() {
        return new Recording(new Recorder(new RamStore()), new TreeMap<>(), () -> {});
    }

    /// In a file.
    ///
    /// @throws IOException if it cannot be opened
    public static Recording sqlite(Path file, Instant now) throws IOException {
        SqliteStore store = SqliteStore.open(file, now);
        Recorder recorder = new Recorder(store);
        recorder.resume(store.totals());
        return new Recording(recorder, store.totals(), store::close);
    }

    /// In a file where that is wanted and can be had, else in memory.
    public static Recording open(boolean kept, Path file, Instant now) {
        if (kept) {
            try {
                return sqlite(file, now);
            } catch (IOException e) {
                LOG.warn("warn: statistics are kept in memory only: {}", e.getMessage());
            }
        }
        return ram();
    }

    /// What was counted before this process began.
    public Map<String, Metric> totals() {
        return totals;
    }

    /// Tells what was.
    public History history() {
        return recorder;
    }

    @Override
    public void take(Reading reading) {
        try {
            recorder.take(reading);
            if (failing) {
                LOG.info("info: statistics are recorded again");
                failing = false;
            }
        } catch (IOException e) {
            if (!failing) {
                LOG.warn("warn: statistics are not recorded: {}", e.getMessage());
                failing = true;
            }
        }
    }

    @Override
    public void close() {
        end.run();
    }
}
