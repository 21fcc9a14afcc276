package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.SpoolFs;

import java.io.IOException;
import java.util.function.Consumer;

/// Keeps the last free space for what is already in the queue.
final class SpaceGuard {
    private final SpoolFs fs;
    private final StoreLimits limits;
    private volatile @Nullable Refused low;

    SpaceGuard(SpoolFs fs, StoreLimits limits) {
        this.fs = fs;
        this.limits = limits;
    }

    /// Why new messages are refused, or null.
    @Nullable Refused low() {
        return low;
    }

    /// Asks the file system, and tells when the answer is another than before.
    void look(Consumer<StoreNotice> notices) throws IOException {
        if (refresh()) {
            Refused now = low;
            notices.accept(
                    now == null
                            ? StoreNotice.info("spool: enough space again")
                            : StoreNotice.warn(now.text() + ": new messages are refused"));
        }
    }

    /// Asks the file system. Returns whether the answer is another than before.
    boolean refresh() throws IOException {
        long usable = fs.usableSpace();
        long floor = Math.max(limits.freeBytes(), fs.totalSpace() / 100 * limits.freePercent());
        boolean wasLow = low != null;
        boolean isLow = usable < floor;
        if (isLow && !wasLow) {
            low =
                    new Refused(
                            Refused.Reason.NO_SPACE,
                            "spool: " + usable + " bytes free, less than " + floor);
        } else if (!isLow) {
            low = null;
        }
        return isLow != wasLow;
    }
}
