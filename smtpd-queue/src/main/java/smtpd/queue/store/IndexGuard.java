package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

/// Keeps an index in memory within the heap: before it is full, new messages are refused; what is
/// there is served.
final class IndexGuard {
    /// So much of the bound must be free again before messages are taken, in parts of it: no coming
    /// and going with each message.
    private static final int AGAIN = 50;

    private final long most;
    private final long start;
    private volatile @Nullable Refused full;

    IndexGuard(StoreLimits limits) {
        most = limits.indexBytes();
        start = limits.startBytes();
    }

    /// Why new messages are refused, or null.
    @Nullable Refused full() {
        return full;
    }

    /// Told of the index after each change. Returns whether the answer is another than before.
    boolean refresh(long bytes, long envelopes) {
        boolean was = full != null;
        boolean is = bytes > (was ? most - most / AGAIN : most);
        if (is && !was) {
            full =
                    new Refused(
                            Refused.Reason.NO_SPACE,
                            "queue: "
                                    + envelopes
                                    + " envelopes are as many as memory bears"
                                    + " (`queue limit memory` or `queue backend sqlite`)");
        } else if (!is) {
            full = null;
        }
        return is != was;
    }

    /// Told of an index that grows at start; throws [SpoolRefusedException] when it would not fit.
    void starting(long bytes, long envelopes) throws SpoolRefusedException {
        if (bytes > start) {
            throw new SpoolRefusedException(
                    "queue: more envelopes than memory bears, "
                            + envelopes
                            + " and more with "
                            + (Runtime.getRuntime().maxMemory() >> 20)
                            + " MB: raise `queue limit memory`, or copy them with"
                            + " `smtpctl queue copy` and set `queue backend sqlite`");
        }
    }
}
