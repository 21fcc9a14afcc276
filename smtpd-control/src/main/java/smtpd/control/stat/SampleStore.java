package smtpd.control.stat;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/// Where samples are kept. Used by one thread at a time.
interface SampleStore {
    /// The resolutions, finest first.
    List<Tier> tiers();

    /// A sample with the resolution it belongs to.
    record Kept(Tier tier, Sample sample) {}

    /// Keeps samples, each in place of what its step held before, and how the totals stand: all of
    /// it or nothing.
    ///
    /// @param samples in order; a later one replaces an earlier one of its step
    /// @param reading how everything stands
    void put(List<Kept> samples, Reading reading) throws IOException;

    /// Shows the samples of steps that lie within bounds, in order, one at a time: all of them
    /// together may be more than the heap holds. Steps nothing was kept of are absent.
    void range(Tier tier, long first, long last, Consumer<Sample> each) throws IOException;
}
